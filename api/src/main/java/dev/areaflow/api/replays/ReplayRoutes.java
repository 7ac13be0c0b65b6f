package dev.areaflow.api.replays;

import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.Violations;
import dev.areaflow.catalog.Action;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.expressions.AreaExpressions;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.InvalidExpressionException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Replays of past events over HTTP. */
public final class ReplayRoutes implements Routes {
  private static final String PATH = "/api/v1/replays";
  private static final int MOST_IDS = 100;
  private static final int MOST_ID_CHARACTERS = 1_024;
  private static final int USUAL_PER_SECOND = 10;
  private static final int MOST_PER_SECOND = 100;
  private static final List<String> MODES = List.of("dryRun", "live");

  private final Replays replays;
  private final DryRun dryRun;
  private final ServiceCatalog catalog;
  private final Expressions expressions;
  private final Clock clock;

  public ReplayRoutes(
      Replays replays,
      DryRun dryRun,
      ServiceCatalog catalog,
      Expressions expressions,
      Clock clock) {
    this.replays = replays;
    this.dryRun = dryRun;
    this.catalog = catalog;
    this.expressions = expressions;
    this.clock = clock;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.preparedPost("/api/v1/areas/{id}/replay", Scope.RUNS_WRITE, this::replay)
            .creates()
            .audited("area.replay"),
        Route.get(PATH, Scope.RUNS_READ, this::list).paged().parameters("area"),
        Route.get(PATH + "/{id}", Scope.RUNS_READ, this::show),
        Route.post(PATH + "/{id}/cancel", Scope.RUNS_WRITE, this::cancel)
            .creates()
            .audited("replay.cancel"),
        Route.post(PATH + "/{id}/resume", Scope.RUNS_WRITE, this::resume)
            .creates()
            .audited("replay.resume"));
  }

  private record Body(
      @Nullable Instant from,
      @Nullable Instant to,
      @Nullable List<@Nullable String> eventIds,
      @Nullable String when,
      @Nullable String mode,
      @Nullable Boolean force,
      @Nullable Integer perSecond) {}

  private Route.Handler replay(Call call) {
    Body body = call.body(Body.class);
    ReplayRequest request = request(body);
    UUID owner = call.caller().userId();
    UUID area = call.id("id");
    Replays.Subject subject = replays.subject(owner, area).orElseThrow(Problem::notFound);
    request.when().ifPresent(cel -> checkWhen(cel, subject));
    boolean isLive = "live".equals(body.mode());
    return _ ->
        isLive
            ? Answer.json(202, replays.start(owner, area, request).toJson())
            : dryRun.answer(owner, area, request);
  }

  private ReplayRequest request(Body body) {
    Instant now = clock.instant();
    Instant kept = now.minus(Replays.KEPT);
    Instant from = body.from() == null ? kept : body.from();
    Instant to = body.to() == null ? now : body.to();
    Violations violations = new Violations();
    boolean isRange = body.from() != null || body.to() != null;
    violations.check(
        isRange != (body.eventIds() != null), "", "Expected either from and to, or eventIds.");
    if (isRange) {
      violations.check(body.from() != null, "/from", "Expected a time, found nothing.");
      violations.check(
          !from.isBefore(kept),
          "/from",
          "Events are kept for "
              + Replays.KEPT.toDays()
              + " days; expected a time from "
              + kept.plusSeconds(1)
              + " on.");
      violations.check(!to.isAfter(now), "/to", "Expected a time that is over.");
      violations.check(from.isBefore(to), "/to", "Expected a time after from.");
    }
    List<String> ids = ids(body.eventIds(), violations);
    violations.check(
        body.mode() == null || MODES.contains(body.mode()),
        "/mode",
        "Expected one of " + String.join(", ", MODES) + ".");
    int perSecond = body.perSecond() == null ? USUAL_PER_SECOND : body.perSecond();
    violations.check(
        perSecond >= 1 && perSecond <= MOST_PER_SECOND,
        "/perSecond",
        "Expected a whole number from 1 to " + MOST_PER_SECOND + ".");
    violations.raise();
    return new ReplayRequest(
        from,
        to,
        ids,
        Optional.ofNullable(body.when()),
        Boolean.TRUE.equals(body.force()),
        perSecond);
  }

  private static List<String> ids(@Nullable List<@Nullable String> given, Violations violations) {
    if (given == null) {
      return List.of();
    }
    violations.check(
        !given.isEmpty() && given.size() <= MOST_IDS,
        "/eventIds",
        "Expected 1 to " + MOST_IDS + " ids; for more, give from and to.");
    HashSet<String> ids = new HashSet<>();
    for (int i = 0; i < given.size(); i++) {
      @Nullable String id = given.get(i);
      violations.check(
          id != null && !id.isEmpty() && id.length() <= MOST_ID_CHARACTERS && ids.add(id),
          "/eventIds/" + i,
          "Expected the id of an event, each once.");
    }
    return List.copyOf(ids);
  }

  /** Events of several actions may be of any type. */
  private void checkWhen(String cel, Replays.Subject subject) {
    AreaExpressions area =
        catalog
            .service(subject.service())
            .flatMap(service -> service.action(subject.action()))
            .map(Action::output)
            .map(expressions::ofArea)
            .orElseGet(expressions::ofArea);
    try {
      area.condition(cel);
    } catch (InvalidExpressionException e) {
      Violations violations = new Violations();
      e.problems().forEach(p -> violations.add("/when" + p.pointer(), p.detail()));
      violations.raise();
    }
  }

  private Answer list(Call call) {
    Page page = call.page();
    List<Replay> found =
        replays.list(call.caller().userId(), call.queryId("area"), page.afterId(), page.fetch());
    return page.answer(found, replay -> replay.id().toString(), Replay::toJson);
  }

  private Answer show(Call call) {
    return Answer.ok(
        replays
            .find(call.caller().userId(), call.id("id"))
            .orElseThrow(Problem::notFound)
            .toJson());
  }

  private Answer cancel(Call call) {
    return Answer.json(202, replays.cancel(call.caller().userId(), call.id("id")).toJson());
  }

  private Answer resume(Call call) {
    return Answer.json(202, replays.resume(call.caller().userId(), call.id("id")).toJson());
  }
}
