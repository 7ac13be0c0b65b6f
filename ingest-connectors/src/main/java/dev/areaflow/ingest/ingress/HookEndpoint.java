package dev.areaflow.ingest.ingress;

import dev.areaflow.catalog.Acceptance;
import dev.areaflow.catalog.Delivery;
import dev.areaflow.catalog.Refusal;
import dev.areaflow.catalog.Webhook;
import dev.areaflow.ingest.ingress.Hook.Reception;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.Wake;
import dev.areaflow.schemas.hooks.HookKey;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /hooks/TOKEN}: takes a delivery, in the handler's virtual thread from the first byte
 * to the answer.
 *
 * <p>Checks, in this order: size (413), hook and signature (401), encoding and media type (415),
 * JSON (400), rate (429), and whether the event can be kept (503). A provider's question whether
 * the hook is there is answered where the hook's manifest says so, and makes no event: one in the
 * query, or by HEAD, after the hook was found, one in the body after its JSON was read. Where the
 * hook may only not be known here yet the answer is 503, never 401. A disabled hook verifies its
 * deliveries and ignores them, so that its provider does not see failures and give the hook up.
 */
final class HookEndpoint implements HttpService {
  private static final Logger LOG = LoggerFactory.getLogger(HookEndpoint.class);

  /** From the last byte of the body to the answer, which its sender has within two seconds. */
  private static final Duration ANSWER_WITHIN = Duration.ofMillis(1_750);

  /** How many times the largest body is taken in from a sender that is refused before its end. */
  static final long DRAINED_BODIES = 4;

  /** What is sent back is the sender's text: a browser must not take it for a page. */
  private static final Header NO_SNIFFING =
      HeaderValues.create("X-Content-Type-Options", "nosniff");

  private static final Duration WAIT_FOR_HOOK = Duration.ofSeconds(1);

  private final String hooksUrl;
  private final HookKey key;
  private final HookTable hooks;
  private final EventSink events;
  private final HookTallies tallies;
  private final IngressLimits limits;
  private final InFlight inFlight;
  private final RateLimits rates;
  private final SlowBodies slow;
  private final Answer tooLarge;
  private final Clock clock;
  private final MeterRegistry meters;
  private final ConcurrentMap<String, Timer> timers = new ConcurrentHashMap<>();

  HookEndpoint(
      URI hooksUrl,
      HookKey key,
      HookTable hooks,
      EventSink events,
      HookTallies tallies,
      IngressLimits limits,
      SlowBodies slow,
      Clock clock,
      MeterRegistry meters) {
    this.hooksUrl = hooksUrl.toString();
    this.key = key;
    this.hooks = hooks;
    this.events = events;
    this.tallies = tallies;
    this.limits = limits;
    this.inFlight = new InFlight(limits.inFlight(), limits.inFlightBytes());
    this.rates = new RateLimits(limits.perHookAndSecond());
    this.slow = slow;
    this.tooLarge = Answer.tooLarge(limits.bodyBytes());
    this.clock = clock;
    this.meters = meters;
    meters.gauge("areaflow.ingress.in-flight", inFlight, InFlight::deliveries);
    meters.gauge("areaflow.ingress.in-flight-bytes", inFlight, InFlight::bytes);
  }

  @Override
  public void routing(HttpRules rules) {
    rules.any("/hooks/{token}", this::handle);
  }

  private void handle(ServerRequest request, ServerResponse response) {
    long startedAt = System.nanoTime();
    Body body = new Body(request, limits.bodyBytes(), slow);
    Answer answer;
    try {
      answer = answer(request, body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      answer = Answer.NOT_KEPT;
    }
    boolean wholly = body.wholly();
    send(answer, wholly, response);
    timers
        .computeIfAbsent(answer.result(), this::timer)
        .record(System.nanoTime() - startedAt, TimeUnit.NANOSECONDS);
    if (!wholly) {
      body.drain(DRAINED_BODIES * limits.bodyBytes());
      // Helidon would read on, and take what is left of the body for the next request
      throw new CloseConnectionException("answered before the end of its body");
    }
  }

  private Answer answer(ServerRequest request, Body body) throws InterruptedException {
    if (!request.prologue().method().equals(Method.POST)) {
      return challenge(request).orElse(Answer.ONLY_POST);
    }
    Optional<UUID> id = key.verify(request.path().pathParameters().get("token"));
    boolean complete = hooks.complete(); // asked once: it may become so while a body is read
    try {
      if (!complete || id.isEmpty()) {
        body.skip();
        return complete ? Answer.UNAUTHORIZED : Answer.NOT_COMPLETE;
      }
      return answer(request, body, id.get());
    } catch (Body.TooLargeException e) {
      id.ifPresent(hookId -> count(hookId, tooLarge));
      return tooLarge;
    } catch (Body.MalformedException e) {
      return Answer.MALFORMED;
    }
  }

  /** What a request that is no POST is answered where the hook's provider asks so. */
  private Optional<Answer> challenge(ServerRequest request) throws InterruptedException {
    Method method = request.prologue().method();
    if (!method.equals(Method.GET) && !method.equals(Method.HEAD)) {
      return Optional.empty();
    }
    Optional<UUID> id = key.verify(request.path().pathParameters().get("token"));
    if (id.isEmpty()) {
      return Optional.empty();
    }
    boolean complete = hooks.complete();
    // a provider asks as soon as it has the URL, maybe before the hook is known here
    Optional<Hook> hook = hooks.await(id.get(), WAIT_FOR_HOOK);
    if (hook.isEmpty()) {
      return Optional.of(complete ? Answer.UNKNOWN_YET : Answer.NOT_COMPLETE);
    }
    return method.equals(Method.HEAD)
        ? webhook(hook.get())
            .filter(Webhook::answersHead)
            .map(_ -> challenged(hook.get(), Answer.PRESENT))
        : echo(hook.get(), request);
  }

  private Optional<Answer> echo(Hook hook, ServerRequest request) {
    return webhook(hook)
        .flatMap(
            webhook ->
                webhook.echo(request.prologue().method().text(), name -> parameter(request, name)))
        .map(text -> challenged(hook, Answer.echo(text)));
  }

  private static Optional<String> parameter(ServerRequest request, String name) {
    return request.query().contains(name)
        ? Optional.of(request.query().get(name))
        : Optional.empty();
  }

  private static Optional<Webhook> webhook(Hook hook) {
    return switch (hook.reception()) {
      case Reception.Open(var action, var _) -> Optional.of(action);
      case Reception.Disabled(var action, var _) -> Optional.of(action);
      case Reception.Closed() -> Optional.empty();
      case Reception.Unserved(var _) -> Optional.empty();
    };
  }

  private Answer challenged(Hook hook, Answer answer) {
    Answer given = limited(hook).orElse(answer);
    count(hook, clock.instant(), given);
    return given;
  }

  private Answer answer(ServerRequest request, Body body, UUID id)
      throws InterruptedException, Body.TooLargeException, Body.MalformedException {
    long reserved = body.reservedBytes();
    if (reserved > limits.bodyBytes()) {
      throw new Body.TooLargeException();
    }
    if (!inFlight.enter(reserved)) {
      count(id, Answer.OVERLOADED);
      return Answer.OVERLOADED;
    }
    try {
      byte[] bytes = body.read();
      long deadline = System.nanoTime() + ANSWER_WITHIN.toNanos();
      Optional<Hook> hook = hooks.await(id, WAIT_FOR_HOOK);
      if (hook.isEmpty()) {
        return Answer.UNKNOWN_YET;
      }
      Optional<Answer> echo = echo(hook.get(), request);
      if (echo.isPresent()) {
        return echo.get();
      }
      Delivery delivery = new Delivery(headers(request), bytes, clock.instant(), url(request));
      Answer answer = receive(hook.get(), delivery, deadline);
      count(hook.get(), delivery.receivedAt(), answer);
      return answer;
    } finally {
      inFlight.leave(reserved);
    }
  }

  private Answer receive(Hook hook, Delivery delivery, long deadline) throws InterruptedException {
    return switch (hook.reception()) {
      case Reception.Open(var action, var inputs) ->
          switch (action.accept(delivery, hook.secrets(delivery.receivedAt()), inputs)) {
            case Acceptance.Refused refused -> refusal(refused);
            case Acceptance.Ignored(var reason) ->
                limited(hook).orElseGet(() -> Answer.ignored(reason));
            case Acceptance.Challenged asked -> limited(hook).orElseGet(() -> answer(asked));
            case Acceptance.Woken _ -> {
              Optional<Answer> limited = limited(hook);
              yield limited.isPresent()
                  ? limited.get()
                  : wake(hook, delivery.receivedAt(), deadline);
            }
            case Acceptance.Accepted accepted -> {
              Optional<Answer> limited = limited(hook);
              yield limited.isPresent()
                  ? limited.get()
                  : keep(hook, action, accepted, delivery.receivedAt(), deadline);
            }
          };
      case Reception.Disabled(var action, var inputs) ->
          switch (action.accept(delivery, hook.secrets(delivery.receivedAt()), inputs)) {
            case Acceptance.Refused refused -> refusal(refused);
            case Acceptance.Ignored ignored -> disabled(hook);
            case Acceptance.Challenged asked -> limited(hook).orElseGet(() -> answer(asked));
            case Acceptance.Woken _ -> disabled(hook);
            case Acceptance.Accepted accepted -> disabled(hook);
          };
      case Reception.Closed() -> Answer.UNAUTHORIZED;
      case Reception.Unserved(var reason) -> {
        LOG.debug("hook {} is not served: {}", hook.row().id(), reason);
        yield Answer.UNSERVED;
      }
    };
  }

  private static Answer answer(Acceptance.Challenged asked) {
    return asked.answer().isEmpty() ? Answer.PONG : Answer.echo(asked.answer());
  }

  private Answer disabled(Hook hook) {
    return limited(hook).orElseGet(() -> Answer.ignored("disabled"));
  }

  private Optional<Answer> limited(Hook hook) {
    int retryAfterSeconds = rates.take(hook.row().id());
    return retryAfterSeconds == 0 ? Optional.empty() : Optional.of(Answer.rate(retryAfterSeconds));
  }

  private Answer keep(
      Hook hook, Webhook action, Acceptance.Accepted accepted, Instant receivedAt, long deadline)
      throws InterruptedException {
    Event event =
        Event.newBuilder()
            .setId(accepted.eventId())
            .setHookId(hook.row().id())
            .setOwnerId(hook.row().ownerId())
            .setService(hook.row().service())
            .setAction(hook.row().action())
            .setTime(accepted.time())
            .setReceivedAt(receivedAt)
            .setSource(EventSource.WEBHOOK)
            .setCanonical(action.hasCanonicalIds())
            .setPayload(ByteBuffer.wrap(accepted.payload()))
            .build();
    try {
      events.keep(event, Duration.ofNanos(deadline - System.nanoTime()));
      return Answer.accepted(accepted.eventId());
    } catch (EventSink.EventTooLargeException e) {
      LOG.warn("hook {}: {}", hook.row().id(), e.getMessage());
      return Answer.TOO_LARGE_TO_KEEP;
    } catch (EventSink.NotKeptException e) {
      LOG.debug("hook {}: {}", hook.row().id(), e.getMessage());
      return Answer.NOT_KEPT;
    }
  }

  /** Many wakes are one poll, so that one that is sent again changes nothing. */
  private Answer wake(Hook hook, Instant receivedAt, long deadline) throws InterruptedException {
    Wake wake = Wake.newBuilder().setHookId(hook.row().id()).setReceivedAt(receivedAt).build();
    try {
      events.wake(wake, Duration.ofNanos(deadline - System.nanoTime()));
      return Answer.WOKEN;
    } catch (EventSink.NotKeptException e) {
      LOG.debug("hook {}: {}", hook.row().id(), e.getMessage());
      return Answer.NOT_KEPT;
    }
  }

  private static Answer refusal(Acceptance.Refused refused) {
    return switch (refused.reason()) {
      case Refusal.SIGNATURE -> Answer.UNAUTHORIZED;
      case Refusal.MEDIA_TYPE -> Answer.mediaType(refused.detail());
      case Refusal.JSON -> Answer.json(refused.detail());
    };
  }

  /** Counts an answer that was given before the hook was looked at. */
  private void count(UUID id, Answer answer) {
    hooks.find(id).ifPresent(hook -> count(hook, clock.instant(), answer));
  }

  private void count(Hook hook, Instant at, Answer answer) {
    String id = hook.row().id();
    switch (hook.reception()) {
      case Reception.Closed() -> {} // it does not exist any more
      case Reception.Open open -> count(id, at, answer);
      case Reception.Disabled disabled -> count(id, at, answer);
      case Reception.Unserved unserved -> count(id, at, answer);
    }
  }

  private void count(String hookId, Instant at, Answer answer) {
    switch (answer.result()) {
      case Answer.ACCEPTED, Answer.WAKES -> tallies.accepted(hookId, at);
      case Answer.IGNORED, Answer.CHALLENGED -> tallies.ignored(hookId, at);
      default -> tallies.refused(hookId, at, answer.result());
    }
  }

  /** Lower-case names; the values of a name that comes twice in one text, so that none is lost. */
  private static Map<String, String> headers(ServerRequest request) {
    Map<String, String> headers = new HashMap<>();
    for (Header header : request.headers()) {
      headers.put(
          header.headerName().lowerCase(),
          header.valueCount() == 1 ? header.get() : String.join(", ", header.allValues()));
    }
    return headers;
  }

  /** As its sender knows it: what a proxy makes of host, port and scheme must not matter. */
  private String url(ServerRequest request) {
    String query = request.query().rawValue();
    return hooksUrl + request.path().rawPath() + (query.isEmpty() ? "" : "?" + query);
  }

  private static void send(Answer answer, boolean bodyRead, ServerResponse response) {
    response.status(answer.status());
    if (!answer.contentType().isEmpty()) {
      response.header(HeaderNames.CONTENT_TYPE, answer.contentType());
    }
    if (answer.result().equals(Answer.CHALLENGED)) {
      response.header(NO_SNIFFING);
    }
    if (answer.retryAfterSeconds() > 0) {
      response.header(HeaderNames.RETRY_AFTER, Integer.toString(answer.retryAfterSeconds()));
    }
    if (answer.status().equals(Status.METHOD_NOT_ALLOWED_405)) {
      response.header(HeaderNames.ALLOW, "POST");
    }
    if (!bodyRead) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    response.send(answer.body());
  }

  private Timer timer(String result) {
    return Timer.builder("areaflow.ingress.deliveries")
        .description("Deliveries by what became of them, from request to answer.")
        .tag("result", result)
        .register(meters);
  }
}
