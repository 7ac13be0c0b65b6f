package dev.areaflow.api.http;

import dev.areaflow.api.database.Database;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API's answers: it dispatches by the route tables, finds out who calls, checks scopes, and
 * turns everything that goes wrong into a problem. {@link ApiServer} listens.
 */
public final class ApiRouting implements HttpFeature {
  private static final Logger LOG = LoggerFactory.getLogger(ApiRouting.class);

  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int LEAST_REFUSAL = 400;
  private static final List<String> SAFE_METHODS = List.of("GET", "HEAD");

  static final Map<String, String> ON_EVERY_ANSWER =
      Map.of(
          "X-Content-Type-Options", "nosniff",
          "X-Frame-Options", "DENY",
          "Referrer-Policy", "no-referrer",
          "Cache-Control", "no-store",
          "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");

  private final HttpConfig config;
  private final List<Route> table;
  private final Authentication authentication;
  private final Idempotency idempotency;
  private final AuditLog audit;
  private final MeterRegistry metrics;
  private final HttpService operations;

  /**
   * @param routes the parts of the API
   * @param audit hears of what routes do that are audited
   * @param operations health and metrics, mounted as they are
   */
  public ApiRouting(
      HttpConfig config,
      List<Routes> routes,
      Authentication authentication,
      Idempotency idempotency,
      AuditLog audit,
      MeterRegistry metrics,
      HttpService operations) {
    this.config = config;
    this.table = routes.stream().flatMap(part -> part.table().stream()).toList();
    this.authentication = authentication;
    this.idempotency = idempotency;
    this.audit = audit;
    this.metrics = metrics;
    this.operations = operations;
  }

  /** The routes that it serves, beside health and metrics. */
  public List<Route> table() {
    return table;
  }

  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.addFilter(
        (chain, request, response) -> {
          ON_EVERY_ANSWER.forEach((name, value) -> set(response, name, value));
          if (config.isHttps()) {
            set(response, "Strict-Transport-Security", "max-age=31536000");
          }
          chain.proceed();
        });
    Map<String, Map<String, Route>> byPath = new LinkedHashMap<>();
    for (Route route : table) {
      Route other =
          byPath
              .computeIfAbsent(route.path(), path -> new TreeMap<>())
              .putIfAbsent(route.method(), route);
      if (other != null) {
        throw new IllegalArgumentException("two routes for " + route.method() + " " + route.path());
      }
    }
    byPath.entrySet().stream()
        .sorted(Comparator.comparing(entry -> entry.getKey().contains("{")))
        .forEach(
            entry ->
                routing.route(
                    Method.predicate(),
                    entry.getKey().contains("{")
                        ? new PathTemplate(entry.getKey())
                        : PathMatchers.exact(entry.getKey()),
                    (request, response) -> dispatch(entry.getValue(), request, response)));
    routing.register(operations);
    routing.any((request, response) -> send(response, Problem.notFound().answer()));
    routing.error(
        HttpException.class,
        (request, response, e) ->
            send(
                response,
                Problem.transport(e.status().code(), e.status().reasonPhrase()).answer()));
    routing.error(Throwable.class, (request, response, e) -> send(response, failed(request, e)));
  }

  private void dispatch(
      Map<String, Route> methods, ServerRequest request, ServerResponse response) {
    Timer.Sample sample = Timer.start(metrics);
    String method = request.prologue().method().text();
    Route route = methods.get(method);
    Answer answer;
    if (route == null) {
      answer = Problem.methodNotAllowed(String.join(", ", methods.keySet())).answer();
    } else {
      answer = answer(route, request);
      sample.stop(
          Timer.builder("areaflow.api.requests")
              .description("Time to answer a request of the API")
              .tags(
                  "method",
                  method,
                  "route",
                  route.path(),
                  "status",
                  Integer.toString(answer.status()))
              .register(metrics));
    }
    send(response, answer);
  }

  private Answer answer(Route route, ServerRequest request) {
    Call call;
    Optional<Caller> caller;
    try {
      caller = identify(route, request);
      call = new Call(request, route, caller, clientAddress(request));
    } catch (Problem problem) {
      return problem.answer();
    } catch (RuntimeException e) {
      return failed(request, e);
    }
    Answer answer = answer(route, request, call, caller);
    Route.@Nullable Audited audited = route.audited();
    if (audited != null && (answer.status() >= LEAST_REFUSAL || !audited.together())) {
      audit.ended(call.act(), answer.status());
    }
    return answer;
  }

  private Answer answer(Route route, ServerRequest request, Call call, Optional<Caller> caller) {
    try {
      permit(route, caller);
      call.refuseUnknownParameters();
      Route audited = audited(route);
      return route.idempotent()
          ? idempotency.once(call, audited, caller)
          : audited.preparation().prepare(call).handle(call);
    } catch (Problem problem) {
      return problem.answer();
    } catch (RuntimeException e) {
      return failed(request, e);
    }
  }

  /** The route with its handler in one transaction with the audit log, where it shall be. */
  private Route audited(Route route) {
    Route.@Nullable Audited audited = route.audited();
    if (audited == null || !audited.together()) {
      return route;
    }
    return route.with(
        call -> {
          Route.Handler handler = route.preparation().prepare(call);
          return handler.changesNothing()
              ? handler
              : later -> audit.done(later.act(), () -> handler.handle(later));
        });
  }

  private static Answer failed(ServerRequest request, Throwable e) {
    if (Database.isUnavailable(e)) {
      LOG.warn("the database did not answer: {}", e.getMessage());
      return Problem.unavailable("The database does not answer right now.", RETRY).answer();
    }
    String incident = UUID.randomUUID().toString();
    LOG.error(
        "incident {}: {} {} failed",
        incident,
        request.prologue().method().text(),
        request.matchingPattern().orElse("(no route)"),
        e);
    return Problem.internal(incident).answer();
  }

  private Optional<Caller> identify(Route route, ServerRequest request) {
    return switch (route.access()) {
      case Access.Basic.ANYONE -> Optional.empty();
      case Access.Basic.MAYBE_LOGGED_IN -> maybe(request);
      case Access.Basic.LOGGED_IN -> Optional.of(authenticate(request));
      case Scope _ -> Optional.of(authenticate(request));
    };
  }

  private static void permit(Route route, Optional<Caller> caller) {
    if (route.access() instanceof Scope scope) {
      caller.orElseThrow().require(scope);
    }
  }

  private Optional<Caller> maybe(ServerRequest request) {
    try {
      return Optional.of(authenticate(request));
    } catch (Problem nobody) {
      return Optional.empty();
    }
  }

  private Caller authenticate(ServerRequest request) {
    Optional<String> header = request.headers().value(HeaderNames.AUTHORIZATION);
    if (header.isPresent()) {
      String value = header.get();
      if (!value.regionMatches(true, 0, "Bearer ", 0, "Bearer ".length())) {
        throw Problem.unauthorized("Expected Authorization: Bearer and a token.");
      }
      return authentication
          .bearer(value.substring("Bearer ".length()).strip())
          .orElseThrow(() -> Problem.unauthorized("The token is not valid, or not any more."));
    }
    Caller caller =
        request
            .headers()
            .cookies()
            .first(authentication.cookieName())
            .asOptional()
            .flatMap(authentication::cookie)
            .orElseThrow(() -> Problem.unauthorized("Expected Authorization: Bearer and a token."));
    refuseForgery(request);
    return caller;
  }

  /**
   * A browser sends the cookie whoever made it call, so what changes something must come from our
   * own pages: browsers say so in {@code Sec-Fetch-Site}, older ones in {@code Origin}.
   */
  private void refuseForgery(ServerRequest request) {
    if (SAFE_METHODS.contains(request.prologue().method().text())) {
      return;
    }
    Optional<String> site = request.headers().value(HeaderNames.create("Sec-Fetch-Site"));
    boolean own =
        site.isPresent()
            ? site.get().equals("same-origin")
            : request
                .headers()
                .value(HeaderNames.ORIGIN)
                .filter(origin -> isOwnOrigin(origin, request))
                .isPresent();
    if (!own) {
      throw Problem.forbidden(
          "A session's cookie is taken from the API's own pages only; elsewhere send the token as"
              + " Authorization: Bearer.");
    }
  }

  private boolean isOwnOrigin(String origin, ServerRequest request) {
    Optional<URI> publicUrl = config.publicUrl();
    if (publicUrl.isPresent()) {
      URI url = publicUrl.get();
      return origin.equals(url.getScheme() + "://" + url.getAuthority());
    }
    return request
        .headers()
        .value(HeaderNames.HOST)
        .filter(host -> origin.equals("http://" + host) || origin.equals("https://" + host))
        .isPresent();
  }

  /** The peer, or, where that is a trusted proxy, the nearest address before it that is not. */
  private String clientAddress(ServerRequest request) {
    String address = request.remotePeer().host();
    if (!config.trustedProxies().contains(address)) {
      return address;
    }
    List<String> forwarded =
        request.headers().values(HeaderNames.X_FORWARDED_FOR).stream()
            .map(String::strip)
            .collect(Collectors.toList());
    for (String hop : forwarded.reversed()) {
      address = hop;
      if (!config.trustedProxies().contains(hop)) {
        break;
      }
    }
    return address;
  }

  private static void set(ServerResponse response, String name, String value) {
    response.headers().set(HeaderNames.create(name), value);
  }

  private static void send(ServerResponse response, Answer answer) {
    response.status(Status.create(answer.status()));
    answer.headers().forEach((name, value) -> set(response, name, value));
    Answer.Stream stream = answer.stream();
    if (stream != null) {
      send(response, stream);
    } else if (answer.body().length == 0) {
      response.send();
    } else {
      response.send(answer.body());
    }
  }

  private static void send(ServerResponse response, Answer.Stream stream) {
    try (OutputStream out = response.outputStream()) {
      stream.writeTo(out);
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("the other side did not take the answer to its end", e);
    }
  }
}
