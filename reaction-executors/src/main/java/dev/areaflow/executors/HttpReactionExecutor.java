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
import dev.areaflow.catalog.http.BlockedTargetException;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.Departure;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import dev.areaflow.executors.Admission.Entry.Admitted;
import dev.areaflow.executors.Admission.Entry.TurnedAway;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
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
  private final Admission admission;
  private final CallTimeouts timeouts;
  private final Clock clock;

  HttpReactionExecutor(
      ServiceCatalog catalog,
      Credentials credentials,
      GuardedHttpClient client,
      Admission admission,
      CallTimeouts timeouts,
      Clock clock) {
    this.catalog = catalog;
    this.credentials = credentials;
    this.client = client;
    this.admission = admission;
    this.timeouts = timeouts;
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
        ? admitted(command, reaction.get(), request, Optional.empty())
        : authorized(command, reaction.get(), request, command.getConnectionId().get());
  }

  private Outcome authorized(
      Command command, Reaction reaction, OutboundRequest request, String connectionId)
      throws InterruptedException {
    Authorized authorized =
        credentials.authorize(command.getOwnerId(), connectionId, command.getService(), request);
    return switch (authorized) {
      case Authorized.Ready(var ready, var lease) ->
          admitted(command, reaction, ready, Optional.of(lease));
      case Authorized.Away(var message) ->
          Outcomes.deferred(command, clock.instant(), CREDENTIALS_AWAY, message);
      case Authorized.Foreign(var message) -> Outcomes.permanent(command, clock.instant(), message);
      case Authorized.Reconnect(var message) ->
          Outcomes.failed(command, clock.instant(), ErrorClass.REAUTHORIZE, message).build();
    };
  }

  private Outcome admitted(
      Command command, Reaction reaction, OutboundRequest request, Optional<Authorized.Lease> lease)
      throws InterruptedException {
    Service service = catalog.service(command.getService()).orElseThrow();
    return switch (admission.enter(command, request.uri(), service.limits())) {
      case TurnedAway(var retryAfter, var reason) ->
          Outcomes.deferred(command, clock.instant(), retryAfter, reason);
      case Admitted admitted -> {
        try (admitted) {
          yield call(new Call(command, service, reaction, request, lease), admitted);
        }
      }
    };
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

  /** A call that may be made. */
  private record Call(
      Command command,
      Service service,
      Reaction reaction,
      OutboundRequest request,
      Optional<Authorized.Lease> lease) {}

  private Outcome call(Call call, Admitted admitted) throws InterruptedException {
    Instant startedAt = clock.instant();
    if (startedAt.isAfter(call.command().getNotAfter())) { // making the request took its time, too
      return Outcomes.expired(call.command(), startedAt);
    }
    long startedNanos = System.nanoTime();
    Excerpt excerpt = Excerpt.of(call.request());
    Departure departure = new Departure();
    Outcome.Builder outcome;
    try {
      OutboundResponse response =
          client.send(call.request(), timeouts.of(call.command()), departure);
      admitted.tell(response.status() < 500);
      outcome = answered(call, startedAt, excerpt, response);
    } catch (BlockedTargetException e) {
      outcome = outcome(call, startedAt, excerpt, CallResult.of(e));
    } catch (IOException e) {
      admitted.tell(false);
      outcome = outcome(call, startedAt, excerpt, CallResult.of(e));
      if (departure.isLeft()) {
        outcome.setErrorClass(Outcomes.classOfUnconfirmed(call.command()));
      }
    }
    return outcome
        .setDurationMillis(Duration.ofNanos(System.nanoTime() - startedNanos).toMillis())
        .build();
  }

  private Outcome.Builder answered(
      Call call, Instant startedAt, Excerpt excerpt, OutboundResponse response) {
    CallResult result = call.service().result(response, clock.instant());
    call.service()
        .refusal(response, result)
        .ifPresent(wait -> admission.refused(call.command(), wait));
    Outcome.Builder outcome =
        Outcomes.answered(
            outcome(call, startedAt, excerpt, result),
            response.status(),
            excerpt.ofBody(response.body()));
    if (result instanceof CallResult.Succeeded && call.command().getKeepsOutput()) {
      Output output = Output.of(call.reaction(), response, excerpt);
      output.json().ifPresent(outcome::setOutput);
      output.note().ifPresent(outcome::setMessage);
    }
    return outcome;
  }

  private Outcome.Builder outcome(
      Call call, Instant startedAt, Excerpt excerpt, CallResult result) {
    Command command = call.command();
    return switch (result) {
      case CallResult.Succeeded() -> Outcomes.succeeded(command, startedAt);
      case CallResult.Unauthorized(var message) ->
          Outcomes.failed(command, startedAt, unauthorized(call, message), excerpt.ofText(message));
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

  private ErrorClass unauthorized(Call call, String message) {
    if (call.lease().isEmpty()) {
      return ErrorClass.PERMANENT;
    }
    return credentials.refused(call.lease().get(), call.command().getService() + " " + message)
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
}
