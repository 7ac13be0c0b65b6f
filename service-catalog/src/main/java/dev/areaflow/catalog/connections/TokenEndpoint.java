package dev.areaflow.catalog.connections;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.ConsentScopes;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Exchanges codes, refresh tokens and a client's own credentials for access tokens (RFC 6749,
 * sections 4.1.3, 6 and 4.4.2). Safe for several threads; a call occupies its thread.
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
   * @param scopes what they are good for; empty where the provider does not say, which means what
   *     was asked for (RFC 6749, section 5.1)
   * @param identity who the account is, an ID token of OpenID Connect; empty where there is none
   */
  public record Tokens(
      String access,
      Optional<String> refresh,
      Optional<Duration> lifetime,
      Optional<List<String>> scopes,
      Optional<String> identity) {
    public Tokens {
      scopes = scopes.map(List::copyOf);
    }

    @Override
    public String toString() {
      return "Tokens[" + lifetime + ", " + scopes + "]";
    }
  }

  /**
   * Who asks, and where.
   *
   * @param tokenUrl the provider's token endpoint
   * @param client what the provider knows the asking one as
   * @param secretIn where its secret stands
   */
  public record Asking(URI tokenUrl, OAuthClients.Client client, Auth.SecretIn secretIn) {
    private ClientAuthentication authentication() {
      ClientID id = new ClientID(client.id());
      Secret secret = new Secret(client.secret().value());
      return switch (secretIn) {
        case BODY -> new ClientSecretPost(id, secret);
        case HEADER -> new ClientSecretBasic(id, secret);
      };
    }
  }

  /** Exchanges the code that the provider gave at the person's consent. */
  public Reply exchange(Asking asking, URI redirect, String code, String verifier)
      throws InterruptedException {
    return ask(
        asking,
        List.of(),
        new AuthorizationCodeGrant(
            new AuthorizationCode(code), redirect, new CodeVerifier(verifier)));
  }

  /** Exchanges a refresh token, which may be good for once only. */
  public Reply refresh(Asking asking, String refreshToken) throws InterruptedException {
    return ask(asking, List.of(), new RefreshTokenGrant(new RefreshToken(refreshToken)));
  }

  /**
   * Asks for a token of the client's own.
   *
   * @param scopes what it shall be good for; none leaves that to the provider
   */
  public Reply grant(Asking asking, List<String> scopes) throws InterruptedException {
    return ask(asking, scopes, new ClientCredentialsGrant());
  }

  private Reply ask(Asking asking, List<String> scopes, AuthorizationGrant grant)
      throws InterruptedException {
    TokenRequest.Builder asked =
        new TokenRequest.Builder(asking.tokenUrl(), asking.authentication(), grant);
    if (!scopes.isEmpty()) {
      asked.scope(Scope.parse(scopes));
    }
    HTTPRequest request = asked.build().toHTTPRequest();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Accept", "application/json");
    headers.put("Content-Type", "application/x-www-form-urlencoded");
    if (request.getAuthorization() != null) {
      headers.put("Authorization", request.getAuthorization());
    }
    try {
      OutboundResponse response =
          client.send(
              new OutboundRequest(
                  "POST",
                  asking.tokenUrl(),
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
            text(body, "refresh_token").filter(token -> !token.isEmpty()),
            Optional.of(body.path("expires_in").asLong())
                .filter(seconds -> seconds > 0)
                .map(Duration::ofSeconds),
            text(body, "scope").map(ConsentScopes::of),
            text(body, "id_token")));
  }

  private static Optional<String> text(JsonNode body, String field) {
    return Optional.ofNullable(body.path(field).textValue());
  }
}
