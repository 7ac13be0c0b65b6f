package dev.areaflow.api.runs;

import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.topics.EventLog;
import dev.areaflow.api.topics.StoredEvent;
import dev.areaflow.api.topics.TopicsAway;
import dev.areaflow.schemas.runs.RunId;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The run log over HTTP. */
public final class RunRoutes implements Routes {
  static final List<String> STATUSES =
      List.of("queued", "running", "succeeded", "failed", "cancelled");

  private final Runs runs;
  private final EventLog events;

  public RunRoutes(Runs runs, EventLog events) {
    this.runs = runs;
    this.events = events;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get("/api/v1/runs", Scope.RUNS_READ, this::list)
            .paged()
            .parameters("areaId", "area", "version", "status", "from", "to", "replay"),
        Route.get("/api/v1/runs/{id}", Scope.RUNS_READ, this::show));
  }

  private Answer list(Call call) {
    Page page = call.page();
    Optional<UUID> area = call.queryId("areaId").or(() -> call.queryId("area"));
    Optional<Long> version = call.query("version", RunRoutes::version);
    if (version.isPresent() && area.isEmpty()) {
      throw Problem.parameter(
          "version", "expected areaId beside it: versions are those of an AREA");
    }
    Runs.Filter filter =
        new Runs.Filter(
            area,
            version,
            call.query("status", RunRoutes::status),
            call.queryTime("from"),
            call.queryTime("to"),
            call.queryId("replay"));
    List<Run> found =
        runs.list(call.caller().userId(), filter, page.after(RunId::parse), page.fetch());
    RunAdvice advice = runs.advice(call.caller().userId(), found);
    return page.answer(found, run -> run.id().toString(), run -> json(run, advice));
  }

  private static long version(String text) {
    if (!text.matches("[1-9][0-9]{0,17}")) {
      throw new IllegalArgumentException("expected a whole number from 1");
    }
    return Long.parseLong(text);
  }

  private static String status(String text) {
    if (!STATUSES.contains(text)) {
      throw new IllegalArgumentException("expected one of " + String.join(", ", STATUSES));
    }
    return text;
  }

  private Answer show(Call call) {
    Run run =
        id(call)
            .flatMap(id -> runs.find(call.caller().userId(), id))
            .orElseThrow(Problem::notFound);
    Map<String, @Nullable Object> body =
        json(run, runs.advice(call.caller().userId(), List.of(run)));
    body.put("event", event(run));
    return Answer.ok(body);
  }

  static Optional<RunId> id(Call call) {
    try {
      return Optional.of(new RunId(call.id("id")));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Map<String, @Nullable Object> event(Run run) {
    Optional<StoredEvent> found = run.hasEvent() ? stored(run) : Optional.empty();
    Map<String, @Nullable Object> event = new LinkedHashMap<>();
    event.put("id", run.eventId());
    event.put("hookId", run.hookId());
    Instant time = found.map(stored -> stored.event().getTime()).orElse(run.startedAt());
    event.put("time", time);
    event.put("payload", found.map(StoredEvent::payload).orElse(null));
    if (found.isEmpty()) {
      event.put(
          "detail",
          run.hasEvent()
              ? "The payload is not kept any more."
              : "That no event came made this run.");
    }
    return event;
  }

  private Optional<StoredEvent> stored(Run run) {
    return TopicsAway.asProblem(() -> events.at(run.eventPartition(), run.eventOffset()))
        .filter(stored -> stored.event().getId().equals(run.eventId()))
        .filter(stored -> stored.event().getHookId().equals(run.hookId().toString()));
  }

  private static Map<String, @Nullable Object> json(Run run, RunAdvice advice) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("id", run.id());
    body.put("areaId", run.areaId());
    body.put("areaVersion", run.areaVersion());
    body.put("areaVersionUrl", "/api/v1/areas/" + run.areaId() + "/versions/" + run.areaVersion());
    body.put("hookId", run.hookId());
    body.put("eventId", run.eventId());
    body.put("generation", run.generation());
    body.put("replayId", run.replayId());
    body.put("status", run.status());
    body.put("statusReason", run.detail());
    body.put("startedAt", run.startedAt());
    body.put("finishedAt", run.finishedAt());
    body.put("events", run.events());
    body.put("steps", advice.on(run));
    return body;
  }
}
