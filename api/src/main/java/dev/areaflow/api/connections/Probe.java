package dev.areaflow.api.connections;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.catalog.Endpoint;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.connections.CredentialFields;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;

/** Asks a service whether credentials are good. Safe for several threads. */
public final class Probe implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final GuardedHttpClient client;
  private final Clock clock;

  public Probe(GuardedHttpClient client, Clock clock) {
    this.client = client;
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
