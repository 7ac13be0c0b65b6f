package dev.areaflow.catalog.connections;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Exchanges codes and refresh tokens for access tokens (RFC 6749, sections 4.1.3 and 6). Safe for
 * several threads; a call occupies its thread.
 */
public final class TokenEndpoint {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final GuardedHttpClient client;

  public TokenEndpoint(GuardedHttpClient client) {
    this.client = client;
  }

  /** What the provider answered. */
  public sealed interface Reply {
    /** Tokens. */
    record Granted(Tokens tokens) implements Reply {}

    /**
     * No, and asking again does not help.
     *
     * @param error the code of RFC 6749, section 5.2
     * @param message the code and what the provider says to it
     */
    record Denied(String error, String message) implements Reply {}

    /** No usable answer; asking again may help. */
    record Unusable(String message) implements Reply {}
  }

  /**
   * Tokens of one account.
   *
   * @param access for requests
   * @param refresh for new tokens; empty where the provider gave none
   * @param lifetime of the access token; empty where it has no end
   */
  public record Tokens(String access, Optional<String> refresh, Optional<Duration> lifetime) {
    @Override
    public String toString() {
      return "Tokens[" + lifetime + "]";
    }
  }

  /** Exchanges the code that the provider gave at the person's consent. */
  public Reply exchange(
      Auth.OAuth2 flow, OAuthClients.Client as, URI redirect, String code, String verifier)
      throws InterruptedException {
    return ask(
        flow,
        as,
        new AuthorizationCodeGrant(
            new AuthorizationCode(code), redirect, new CodeVerifier(verifier)));
  }

  /** Exchanges a refresh token, which may be good for once only. */
  public Reply refresh(Auth.OAuth2 flow, OAuthClients.Client as, String refreshToken)
      throws InterruptedException {
    return ask(flow, as, new RefreshTokenGrant(new RefreshToken(refreshToken)));
  }

  private Reply ask(Auth.OAuth2 flow, OAuthClients.Client as, AuthorizationGrant grant)
      throws InterruptedException {
    ClientSecretPost identity =
        new ClientSecretPost(new ClientID(as.id()), new Secret(as.secret().value()));
    HTTPRequest request =
        new TokenRequest.Builder(flow.tokenUrl(), identity, grant).build().toHTTPRequest();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Accept", "application/json");
    headers.put("Content-Type", "application/x-www-form-urlencoded");
    try {
      OutboundResponse response =
          client.send(
              new OutboundRequest(
                  "POST",
                  flow.tokenUrl(),
                  headers,
                  Optional.of(request.getBody().getBytes(UTF_8))));
      return reply(response);
    } catch (IOException e) {
      return new Reply.Unusable(
          switch (CallResult.of(e)) {
            case CallResult.Permanent(var message) -> message;
            case CallResult.Retryable(var message, var wait) -> message;
            case CallResult.Unauthorized(var message) -> message;
            case CallResult.Succeeded() -> "no answer";
          });
    }
  }

  /** Some providers, GitHub among them, say no with status 200. */
  private static Reply reply(OutboundResponse response) {
    JsonNode body;
    try {
      body = JSON.readTree(response.body());
    } catch (IOException e) {
      return new Reply.Unusable("answered with status " + response.status() + " and no JSON");
    }
    String error = body.path("error").asText();
    if (!error.isEmpty() && response.status() < 500) {
      String description = body.path("error_description").asText();
      return new Reply.Denied(error, description.isEmpty() ? error : error + ": " + description);
    }
    String access = body.path("access_token").asText();
    if (response.status() != 200 || access.isEmpty()) {
      return new Reply.Unusable("answered with status " + response.status() + " and no token");
    }
    return new Reply.Granted(
        new Tokens(
            access,
            Optional.of(body.path("refresh_token").asText()).filter(token -> !token.isEmpty()),
            Optional.of(body.path("expires_in").asLong())
                .filter(seconds -> seconds > 0)
                .map(Duration::ofSeconds)));
  }
}
