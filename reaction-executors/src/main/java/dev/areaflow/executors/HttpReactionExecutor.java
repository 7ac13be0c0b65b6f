package dev.areaflow.executors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.areaflow.catalog.InvalidInputsException;
import dev.areaflow.catalog.Reaction;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.connections.Authorized;
import dev.areaflow.catalog.connections.Credentials;
import dev.areaflow.catalog.http.CallBudgets;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import dev.areaflow.executors.HostLimits.Entry.Admitted;
import dev.areaflow.executors.HostLimits.Entry.TurnedAway;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** Reactions that the catalogue's manifests turn into one HTTP request. */
final class HttpReactionExecutor implements ReactionExecutor {
  static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  private static final Duration CREDENTIALS_AWAY = Duration.ofSeconds(5);
  private static final Duration UNKNOWN_HERE = Duration.ofSeconds(30);

  /** Each command has a thread of its own: buffers kept for it would never be used again. */
  private static final ObjectReader JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .reader();

  private final ServiceCatalog catalog;
  private final Credentials credentials;
  private final GuardedHttpClient client;
  private final CallBudgets budgets;
  private final HostLimits limits;
  private final Clock clock;

  HttpReactionExecutor(
      ServiceCatalog catalog,
      Credentials credentials,
      GuardedHttpClient client,
      CallBudgets budgets,
      HostLimits limits,
      Clock clock) {
    this.catalog = catalog;
    this.credentials = credentials;
    this.client = client;
    this.budgets = budgets;
    this.limits = limits;
    this.clock = clock;
  }

  @Override
  public Outcome execute(Command command) throws InterruptedException {
    if (isTooLate(command)) {
      return Outcomes.expired(command, clock.instant());
    }
    Optional<Reaction> reaction = catalog.reaction(command.getService(), command.getReaction());
    if (reaction.isEmpty()) {
      return Outcomes.deferred(command, clock.instant(), UNKNOWN_HERE, unknown(command));
    }
    OutboundRequest request;
    try {
      request = reaction.get().request(inputs(command));
    } catch (InvalidInputsException e) {
      return Outcomes.permanent(command, clock.instant(), String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return Outcomes.permanent(command, clock.instant(), "the inputs are no JSON");
    }
    request = identified(request, reaction.get(), command);
    return command.getConnectionId().isEmpty()
        ? admitted(command, request, Optional.empty())
        : authorized(command, request, command.getConnectionId().get());
  }

  private Outcome authorized(Command command, OutboundRequest request, String connectionId)
      throws InterruptedException {
    Authorized authorized =
        credentials.authorize(command.getOwnerId(), connectionId, command.getService(), request);
    return switch (authorized) {
      case Authorized.Ready(var ready, var lease) -> admitted(command, ready, Optional.of(lease));
      case Authorized.Away(var message) ->
          Outcomes.deferred(command, clock.instant(), CREDENTIALS_AWAY, message);
      case Authorized.Foreign(var message) -> Outcomes.permanent(command, clock.instant(), message);
      case Authorized.Reconnect(var message) ->
          Outcomes.failed(command, clock.instant(), ErrorClass.REAUTHORIZE, message).build();
    };
  }

  private Outcome admitted(
      Command command, OutboundRequest request, Optional<Authorized.Lease> lease)
      throws InterruptedException {
    return switch (limits.enter(host(request.uri()))) {
      case TurnedAway(var retryAfter, var reason) ->
          Outcomes.deferred(command, clock.instant(), retryAfter, reason);
      case Admitted call -> {
        try (call) {
          yield withinBudget(command, request, lease);
        }
      }
    };
  }

  private Outcome withinBudget(
      Command command, OutboundRequest request, Optional<Authorized.Lease> lease)
      throws InterruptedException {
    Optional<Duration> wait =
        budgets.take(
            command.getService(),
            catalog.service(command.getService()).orElseThrow().limits(),
            command.getConnectionId());
    return wait.isEmpty()
        ? call(command, request, lease)
        : Outcomes.deferred(
            command,
            clock.instant(),
            wait.get(),
            "all calls that " + command.getService() + " takes were made; tried again later");
  }

  private boolean isTooLate(Command command) {
    return clock.instant().isAfter(command.getNotAfter());
  }

  /** A newer executor may know it: while a release rolls out, old and new ones share the work. */
  private String unknown(Command command) {
    boolean service = catalog.service(command.getService()).isPresent();
    return (service
            ? "reaction " + command.getReaction() + " of service " + command.getService()
            : "service " + command.getService())
        + " is unknown here ("
        + command.getService()
        + "."
        + command.getReaction()
        + "); tried again later, when newer executors may run";
  }

  private Outcome call(Command command, OutboundRequest request, Optional<Authorized.Lease> lease)
      throws InterruptedException {
    Excerpt excerpt = Excerpt.of(request);
    Instant startedAt = clock.instant();
    if (startedAt.isAfter(command.getNotAfter())) { // making the request took its time, too
      return Outcomes.expired(command, startedAt);
    }
    long startedNanos = System.nanoTime();
    Outcome.Builder outcome;
    try {
      OutboundResponse response = client.send(request);
      Service service = catalog.service(command.getService()).orElseThrow();
      CallResult result = service.result(response, clock.instant());
      service
          .refusal(response, result)
          .ifPresent(
              wait -> budgets.refused(command.getService(), command.getConnectionId(), wait));
      outcome =
          Outcomes.answered(
              outcome(command, startedAt, excerpt, result, lease),
              response.status(),
              excerpt.ofBody(response.body()));
    } catch (IOException e) {
      outcome = outcome(command, startedAt, excerpt, CallResult.of(e), lease);
    }
    return outcome
        .setDurationMillis(Duration.ofNanos(System.nanoTime() - startedNanos).toMillis())
        .build();
  }

  private Outcome.Builder outcome(
      Command command,
      Instant startedAt,
      Excerpt excerpt,
      CallResult result,
      Optional<Authorized.Lease> lease) {
    return switch (result) {
      case CallResult.Succeeded() -> Outcomes.succeeded(command, startedAt);
      case CallResult.Unauthorized(var message) ->
          Outcomes.failed(
              command, startedAt, unauthorized(command, lease, message), excerpt.ofText(message));
      case CallResult.Permanent(var message) ->
          Outcomes.failed(command, startedAt, ErrorClass.PERMANENT, excerpt.ofText(message));
      case CallResult.Retryable(var message, var retryAfter) -> {
        Outcome.Builder failed =
            Outcomes.failed(command, startedAt, ErrorClass.RETRYABLE, excerpt.ofText(message));
        retryAfter.map(Duration::toMillis).ifPresent(failed::setRetryAfterMillis);
        yield failed;
      }
    };
  }

  private ErrorClass unauthorized(
      Command command, Optional<Authorized.Lease> lease, String message) {
    if (lease.isEmpty()) {
      return ErrorClass.PERMANENT;
    }
    return credentials.refused(lease.get(), command.getService() + " " + message)
        ? ErrorClass.RETRYABLE
        : ErrorClass.REAUTHORIZE;
  }

  private static JsonNode inputs(Command command) throws IOException {
    ByteBuffer inputs = command.getInputs();
    return JSON.readTree(
        inputs.array(), inputs.arrayOffset() + inputs.position(), inputs.remaining());
  }

  /** The attempt tells its command's id, whatever the inputs say under that name. */
  private static OutboundRequest identified(
      OutboundRequest request, Reaction reaction, Command command) {
    String name = reaction.idempotencyHeader().orElse(IDEMPOTENCY_KEY);
    return request.withHeader(
        request.headers().keySet().stream().filter(name::equalsIgnoreCase).findFirst().orElse(name),
        command.getId());
  }

  private static String host(URI uri) {
    int port = uri.getPort();
    if (port < 0) {
      port = "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }
    return uri.getHost().toLowerCase(Locale.ROOT) + ":" + port;
  }
}
