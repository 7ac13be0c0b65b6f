package dev.areaflow.api.events;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.hooks.Hooks;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.runs.Run;
import dev.areaflow.api.runs.Runs;
import dev.areaflow.api.topics.Decision;
import dev.areaflow.api.topics.Decision.Result;
import dev.areaflow.api.topics.EventLog;
import dev.areaflow.api.topics.StoredEvent;
import dev.areaflow.api.topics.TopicsAway;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Events over HTTP: what was delivered, and why each AREA did or did not fire. */
public final class EventRoutes implements Routes {
  private final Database database;
  private final Hooks hooks;
  private final Runs runs;
  private final EventLog events;

  public EventRoutes(Database database, Hooks hooks, Runs runs, EventLog events) {
    this.database = database;
    this.hooks = hooks;
    this.runs = runs;
    this.events = events;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get("/api/v1/events", Scope.EVENTS_READ, this::list)
            .paged()
            .parameters("hook", "from", "to"),
        Route.get("/api/v1/events/{id}", Scope.EVENTS_READ, this::show).parameters("hook"));
  }

  private Answer list(Call call) {
    UUID owner = call.caller().userId();
    UUID hook =
        call.queryId("hook")
            .orElseThrow(() -> Problem.parameter("hook", "expected the id of one of your hooks"));
    requireOwned(owner, hook);
    Page page = call.page();
    OptionalLong before =
        page.after(EventRoutes::offset).map(OptionalLong::of).orElse(OptionalLong.empty());
    EventLog.Arrived arrived = new EventLog.Arrived(call.queryTime("from"), call.queryTime("to"));
    EventLog.Slice slice =
        TopicsAway.asProblem(() -> events.newest(hook, arrived, before, page.limit()));
    Map<Long, Integer> matched = matched(owner, hook, slice.events());
    List<Map<String, @Nullable Object>> items =
        slice.events().stream()
            .map(event -> json(event, matched.getOrDefault(event.offset(), 0)))
            .toList();
    return page.answer(
        items, slice.next().isPresent() ? Long.toString(slice.next().getAsLong()) : null);
  }

  /** A number that {@link Long} takes and that is no offset would be a cursor of another list. */
  private static long offset(String text) {
    long offset = Long.parseLong(text);
    if (offset < 0) {
      throw new IllegalArgumentException("expected an offset");
    }
    return offset;
  }

  private Map<Long, Integer> matched(UUID owner, UUID hook, List<StoredEvent> found) {
    if (found.isEmpty()) {
      return Map.of();
    }
    Instant from =
        found.stream().map(StoredEvent::recordedAt).min(Instant::compareTo).orElseThrow();
    Instant to = found.stream().map(StoredEvent::recordedAt).max(Instant::compareTo).orElseThrow();
    List<String> ids = found.stream().map(event -> event.event().getId()).distinct().toList();
    return runs.countByOffset(owner, hook, ids, from, to);
  }

  private void requireOwned(UUID owner, UUID hook) {
    if (!database.jdbi().withHandle(handle -> hooks.isEverOf(handle, owner, hook))) {
      throw Problem.notFound();
    }
  }

  private Answer show(Call call) {
    UUID owner = call.caller().userId();
    String id = call.path("id");
    Optional<UUID> hook = call.queryId("hook");
    hook.ifPresent(given -> requireOwned(owner, given));
    List<Run> known = runs.ofEvent(owner, id, hook.orElse(null));
    StoredEvent event = known.isEmpty() ? search(owner, id, hook) : keptEventOf(first(known));
    UUID hookId = UUID.fromString(event.event().getHookId());
    List<Run> its = known.stream().filter(run -> run.hookId().equals(hookId)).toList();
    long matched = its.stream().filter(run -> run.eventOffset() == event.offset()).count();
    Map<String, @Nullable Object> body = json(event, (int) matched);
    body.put(
        "otherHooks",
        known.reversed().stream()
            .map(Run::hookId)
            .filter(other -> !other.equals(hookId))
            .distinct()
            .toList());
    EventLog.Decisions decisions = decisions(owner, event, its);
    body.put("verdicts", decisions.all().stream().map(EventRoutes::json).toList());
    body.put("verdictsComplete", decisions.complete());
    return Answer.ok(body);
  }

  /** The newest run of what came in; of a replay only where no other is kept. */
  private static Run first(List<Run> known) {
    return known.reversed().stream()
        .filter(run -> run.generation() == 0)
        .findFirst()
        .orElse(known.getLast());
  }

  private StoredEvent keptEventOf(Run run) {
    return TopicsAway.asProblem(() -> events.at(run.eventPartition(), run.eventOffset()))
        .filter(stored -> stored.event().getId().equals(run.eventId()))
        .filter(stored -> stored.event().getHookId().equals(run.hookId().toString()))
        .orElseThrow(
            () ->
                Problem.notFound(
                    "The event was received at "
                        + run.startedAt()
                        + " and is not kept any more; its runs are."));
  }

  private StoredEvent search(UUID owner, String id, Optional<UUID> hook) {
    List<UUID> searched =
        hook.map(List::of)
            .orElseGet(() -> database.jdbi().withHandle(handle -> hooks.everOf(handle, owner)));
    if (searched.isEmpty()) {
      throw Problem.notFound();
    }
    return TopicsAway.asProblem(() -> events.find(searched, id))
        .orElseThrow(
            () ->
                Problem.notFound(
                    "No run names this event, and it is not among the newest events of your"
                        + " hooks; where there are many, name its hook with ?hook=."));
  }

  private EventLog.Decisions decisions(UUID owner, StoredEvent event, List<Run> its) {
    UUID hook = UUID.fromString(event.event().getHookId());
    Set<UUID> areas =
        new HashSet<>(database.jdbi().withHandle(handle -> hooks.areasEverOf(handle, owner, hook)));
    its.forEach(run -> areas.add(run.areaId()));
    EventLog.Decisions read = TopicsAway.asProblem(() -> events.decisions(event, areas));
    List<Decision> decisions = new ArrayList<>(read.all());
    for (Run run : its) {
      Decision matched =
          new Decision(
              run.areaId(), run.areaVersion(), run.generation(), Result.MATCHED, Optional.empty());
      if (!decisions.contains(matched)) {
        decisions.add(matched);
      }
    }
    return new EventLog.Decisions(decisions, read.complete());
  }

  private static Map<String, @Nullable Object> json(Decision decision) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("areaId", decision.areaId());
    body.put("areaVersion", decision.areaVersion());
    body.put("generation", decision.generation());
    body.put("result", decision.result().name().toLowerCase(Locale.ROOT));
    body.put("detail", decision.detail().orElse(null));
    return body;
  }

  private static Map<String, @Nullable Object> json(StoredEvent stored, int matched) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("id", stored.event().getId());
    body.put("hookId", stored.event().getHookId());
    body.put("time", stored.event().getTime());
    body.put("receivedAt", stored.event().getReceivedAt());
    body.put("service", stored.event().getService());
    body.put("action", stored.event().getAction());
    body.put("payload", stored.payload());
    body.put("generation", stored.event().getGeneration());
    body.put("matched", matched);
    return body;
  }
}
