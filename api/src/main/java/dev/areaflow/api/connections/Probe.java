package dev.areaflow.api.connections;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.Endpoint;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.connections.CredentialFields;
import dev.areaflow.catalog.connections.TokenEndpoint;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * Asks a service whether credentials are good, and gets the first token of those that are a
 * client's. Safe for several threads; a call occupies its thread.
 */
public final class Probe implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final GuardedHttpClient client;
  private final TokenEndpoint tokens;
  private final OAuthClients clients;
  private final Clock clock;

  /**
   * @param clients what the operator has registered this platform as
   */
  public Probe(GuardedHttpClient client, OAuthClients clients, Clock clock) {
    this.client = client;
    this.tokens = new TokenEndpoint(client);
    this.clients = clients;
    this.clock = clock;
  }

  /** What the service says. */
  sealed interface Finding {
    /**
     * They are good, or the service has no way to ask.
     *
     * @param account what the service calls the account, if it says
     */
    record Good(Optional<String> account) implements Finding {}

    /** They are not. */
    record Bad(String message) implements Finding {}

    /** The service cannot say now. */
    record Unknown(String message) implements Finding {}
  }

  /** What the service says of credentials that a person entered. */
  Proof prove(Service service, CredentialFields.Entered entered) {
    return service.auth() instanceof Auth.ClientCredentials way
        ? prove(service, way, entered)
        : Proof.of(entered, ask(service, entered));
  }

  /** Of a client that acts for itself (RFC 6749, section 4.4). */
  private Proof prove(
      Service service, Auth.ClientCredentials way, CredentialFields.Entered entered) {
    OAuthClients.Client asking =
        CredentialFields.client(entered.secrets())
            .or(() -> clients.of(service.id()))
            .orElseThrow(() -> new IllegalArgumentException("no client of " + service.id()));
    try {
      return switch (tokens.grant(
          new TokenEndpoint.Asking(way.tokenUrl(), asking, way.secretIn()), way.scopes())) {
        case TokenEndpoint.Reply.Granted(var granted) ->
            prove(service, CredentialFields.with(entered, granted), granted, way.scopes());
        case TokenEndpoint.Reply.Denied(var error, var message) ->
            Proof.of(
                entered,
                new Finding.Bad(service.name() + " gives no token for them: " + message + "."));
        case TokenEndpoint.Reply.Unusable(var message) ->
            Proof.of(
                entered,
                new Finding.Unknown(service.name() + " cannot be asked now: " + message + "."));
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Proof.of(entered, new Finding.Unknown("The server is stopping."));
    }
  }

  /**
   * What the service says of tokens.
   *
   * @param asked the scopes that they were asked for with: where the answer names none, it means
   *     these
   */
  Proof prove(
      Service service,
      CredentialFields.Entered entered,
      TokenEndpoint.Tokens granted,
      List<String> asked) {
    return new Proof(
        entered,
        granted.lifetime(),
        granted.scopes().or(() -> Optional.of(asked)),
        ask(service, entered));
  }

  Finding ask(Service service, CredentialFields.Entered entered) {
    Optional<OutboundRequest> request = service.endpoint().flatMap(Endpoint::probeRequest);
    if (request.isEmpty()) {
      return new Finding.Good(entered.address().map(URI::getHost));
    }
    try {
      OutboundResponse response =
          client.send(CredentialFields.credential(service.auth(), entered).on(request.get()));
      return finding(service, response);
    } catch (IOException e) {
      return finding(service, CallResult.of(e), Optional.empty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Finding.Unknown("interrupted");
    }
  }

  private Finding finding(Service service, OutboundResponse response) {
    Optional<String> account =
        service
            .endpoint()
            .flatMap(Endpoint::probe)
            .flatMap(probe -> label(response.body(), probe.label()));
    return finding(service, service.result(response, clock.instant()), account);
  }

  private static Finding finding(Service service, CallResult result, Optional<String> account) {
    return switch (result) {
      case CallResult.Succeeded() -> new Finding.Good(account);
      case CallResult.Unauthorized(var message) ->
          new Finding.Bad(service.name() + " does not accept them: it " + message + ".");
      case CallResult.Permanent(var message) ->
          new Finding.Bad(service.name() + " does not accept them: it " + message + ".");
      case CallResult.Retryable(var message, var wait) ->
          new Finding.Unknown(service.name() + " cannot be asked now: " + message + ".");
    };
  }

  private static Optional<String> label(byte[] body, String pointer) {
    try {
      JsonNode label = JSON.readTree(body).at(JsonPointer.compile(pointer));
      return Optional.of(label)
          .filter(JsonNode::isValueNode)
          .filter(value -> !value.isNull())
          .map(JsonNode::asText);
    } catch (IOException e) {
      return Optional.empty(); // the credentials were good, which is what was asked
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
