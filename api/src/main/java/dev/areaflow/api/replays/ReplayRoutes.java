package dev.areaflow.api.replays;

import dev.areaflow.api.backtests.Backtests;
import dev.areaflow.api.backtests.SelectionCheck;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.Violations;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.Selection;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Replays of past events over HTTP. */
public final class ReplayRoutes implements Routes {
  private static final String PATH = "/api/v1/replays";
  private static final int USUAL_PER_SECOND = 10;
  private static final int MOST_PER_SECOND = 100;
  private static final List<String> MODES = List.of("dryRun", "live");

  private final Replays replays;
  private final Backtests backtests;
  private final SelectionCheck check;
  private final Clock clock;

  /**
   * @param backtests tell what a replay would do
   */
  public ReplayRoutes(Replays replays, Backtests backtests, SelectionCheck check, Clock clock) {
    this.replays = replays;
    this.backtests = backtests;
    this.check = check;
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
    boolean isLive = "live".equals(body.mode());
    if (!isLive) {
      call.caller().require(Scope.EVENTS_READ);
    }
    UUID owner = call.caller().userId();
    UUID area = call.id("id");
    Replays.Subject subject = replays.subject(owner, area).orElseThrow(Problem::notFound);
    Plan plan = subject.plan();
    request.when().ifPresent(cel -> check.when(cel, plan.service(), plan.action()));
    return isLive
        ? _ -> Answer.json(202, replays.start(owner, area, request).toJson())
        : Route.Handler.changingNothing(_ -> dryRun(call, subject, request));
  }

  private Answer dryRun(Call call, Replays.Subject subject, ReplayRequest request) {
    UUID owner = call.caller().userId();
    AreaRow area = replays.area(owner, subject.id()).orElseThrow(Problem::notFound);
    ReplayRequest narrowed = replays.narrowed(owner, subject, request);
    return backtests.answer(
        call,
        area,
        null,
        narrowed.from(),
        narrowed.to(),
        new Selection(narrowed.eventIds(), narrowed.when().orElse(null)),
        narrowed.force() ? Backtest.Manner.FORCED_REPLAY : Backtest.Manner.REPLAY);
  }

  private ReplayRequest request(Body body) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Instant kept = now.minus(Replays.KEPT);
    Instant from = body.from() == null ? kept : body.from().truncatedTo(ChronoUnit.MILLIS);
    Instant to = body.to() == null ? now : body.to().truncatedTo(ChronoUnit.MILLIS);
    Violations violations = new Violations();
    boolean isRange = body.from() != null || body.to() != null;
    violations.check(
        body.from() != null || body.eventIds() != null,
        "/from",
        "Expected a time, or else ids in eventIds.");
    violations.check(
        !isRange || body.eventIds() == null,
        "/eventIds",
        "Expected either from, and to where it is wanted, or eventIds; found both.");
    if (isRange) {
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
    List<String> ids = SelectionCheck.ids(body.eventIds(), violations);
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
