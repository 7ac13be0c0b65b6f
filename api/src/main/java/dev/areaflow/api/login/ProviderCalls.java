package dev.areaflow.api.login;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.util.Resource;
import com.nimbusds.jose.util.ResourceRetriever;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.connections.TokenEndpoint;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * Calls to one identity provider, through the guarded client. Safe for several threads.
 *
 * @param name of the provider, as people read it
 */
record ProviderCalls(String name, OAuthClients.Client as, GuardedHttpClient client)
    implements ResourceRetriever {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Exchanges a code for tokens.
   *
   * @throws LoginException if the provider gives none
   */
  TokenEndpoint.Tokens tokens(
      URI tokenUrl, Auth.SecretIn secretIn, IdentityProvider.Attempt attempt, String code)
      throws LoginException, InterruptedException {
    return switch (new TokenEndpoint(client)
        .exchange(
            new TokenEndpoint.Asking(tokenUrl, as, secretIn),
            attempt.redirect(),
            code,
            attempt.verifier().getValue())) {
      case TokenEndpoint.Reply.Granted(var granted) -> granted;
      case TokenEndpoint.Reply.Denied(var error, var message) ->
          throw new LoginException(name + " gave no token: " + message + ".");
      case TokenEndpoint.Reply.Unusable(var message) ->
          throw new LoginException(name + " gave no token: it " + message + ".");
    };
  }

  /**
   * Asks for JSON.
   *
   * @throws LoginException if there is none
   */
  JsonNode json(URI address, Map<String, String> headers)
      throws LoginException, InterruptedException {
    try {
      return JSON.readTree(body(address, headers));
    } catch (IOException e) {
      throw new LoginException(name + " cannot be asked now: " + e.getMessage() + ".", e);
    }
  }

  private byte[] body(URI address, Map<String, String> headers)
      throws IOException, InterruptedException {
    OutboundResponse response =
        client.send(new OutboundRequest("GET", address, headers, Optional.empty()));
    if (response.status() != 200) {
      throw new IOException("it answered with status " + response.status());
    }
    return response.body();
  }

  /** A provider's keys. */
  @Override
  public Resource retrieveResource(URL url) throws IOException {
    try {
      return new Resource(
          new String(
              body(url.toURI(), Map.of("Accept", "application/json")), StandardCharsets.UTF_8),
          "application/json");
    } catch (URISyntaxException e) {
      throw new IOException("its keys have the unusable address " + url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
