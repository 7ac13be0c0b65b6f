package dev.areaflow.api.runs;

import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.Violations;
import dev.areaflow.api.topics.EventLog;
import dev.areaflow.api.topics.TopicsAway;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.runs.RunId;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What people ask of runs over HTTP: of one, or of all that a filter selects. */
public final class RunRequestRoutes implements Routes {
  private static final String PATH = "/api/v1/runs";
  private static final List<String> ERROR_CLASSES =
      Arrays.stream(ErrorClass.values()).map(c -> c.name().toLowerCase(Locale.ROOT)).toList();

  private final Runs runs;
  private final RunRequests requests;
  private final EventLog events;

  public RunRequestRoutes(Runs runs, RunRequests requests, EventLog events) {
    this.runs = runs;
    this.requests = requests;
    this.events = events;
  }

  @Override
  public List<Route> table() {
    return List.of(
        one("cancel", RunRequestKind.CANCEL),
        one("retry", RunRequestKind.RETRY),
        one("rerun", RunRequestKind.RERUN),
        Route.preparedPost(PATH + "/requests", Scope.RUNS_WRITE, this::askAll)
            .creates()
            .audited("run.request"));
  }

  private Route one(String verb, RunRequestKind kind) {
    return Route.preparedPost(PATH + "/{id}/" + verb, Scope.RUNS_WRITE, call -> ask(call, kind))
        .creates()
        .audited("run." + kind.text());
  }

  private Route.Handler ask(Call call, RunRequestKind kind) {
    UUID owner = call.caller().userId();
    Run run = RunRoutes.id(call).flatMap(id -> runs.find(owner, id)).orElseThrow(Problem::notFound);
    requests.refuse(kind, run);
    if (kind == RunRequestKind.RERUN) {
      requireKept(run);
    }
    return _ -> {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("requestId", requests.ask(owner, kind, run));
      body.put("kind", kind.text());
      body.put("runId", run.id());
      return Answer.json(202, body);
    };
  }

  /** What is kept is bounded in bytes, too. */
  private void requireKept(Run run) {
    boolean kept =
        TopicsAway.asProblem(() -> events.at(run.eventPartition(), run.eventOffset()))
            .filter(stored -> stored.event().getId().equals(run.eventId()))
            .filter(stored -> stored.event().getHookId().equals(run.hookId().toString()))
            .isPresent();
    if (!kept) {
      throw Problem.conflict("", "The event of this run is not kept any more.");
    }
  }

  private record Many(@Nullable String kind, @Nullable Filter filter, @Nullable String cursor) {}

  private record Filter(
      @Nullable String areaId,
      @Nullable String status,
      @Nullable Instant from,
      @Nullable Instant to,
      @Nullable String errorClass,
      @Nullable String step) {
    static final Filter NONE = new Filter(null, null, null, null, null, null);
  }

  private Route.Handler askAll(Call call) {
    Many body = call.body(Many.class);
    Violations violations = new Violations();
    Optional<RunRequestKind> kind = Optional.ofNullable(body.kind()).flatMap(RunRequestKind::of);
    violations.check(kind.isPresent(), "/kind", expectedOneOf(RunRequestKind.texts()));
    violations.check(
        body.filter() != null,
        "/filter",
        "Expected an object; an empty one selects all your runs.");
    RunSelection selection =
        selection(body.filter() == null ? Filter.NONE : body.filter(), violations);
    Optional<RunId> after = read(body.cursor(), RunId::parse);
    violations.check(
        body.cursor() == null || after.isPresent(),
        "/cursor",
        "Expected the value of next from the answer before.");
    violations.raise();
    return later -> askAll(later, kind.orElseThrow(), selection, after);
  }

  private Answer askAll(
      Call call, RunRequestKind kind, RunSelection selection, Optional<RunId> after) {
    RunRequests.Asked asked = requests.askAll(call.caller().userId(), kind, selection, after);
    call.act().as("run." + kind.text()).detail(asked.runs() + " runs");
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("kind", kind.text());
    answer.put("requested", asked.runs());
    answer.put("next", asked.next().map(RunId::toString).orElse(null));
    return Answer.json(202, answer);
  }

  private static RunSelection selection(Filter filter, Violations violations) {
    Optional<UUID> area = read(filter.areaId(), UUID::fromString);
    violations.check(
        filter.areaId() == null || area.isPresent(), "/filter/areaId", "Expected an id.");
    violations.check(
        filter.status() == null || RunRoutes.STATUSES.contains(filter.status()),
        "/filter/status",
        expectedOneOf(RunRoutes.STATUSES));
    violations.check(
        filter.errorClass() == null || ERROR_CLASSES.contains(filter.errorClass()),
        "/filter/errorClass",
        expectedOneOf(ERROR_CLASSES));
    return new RunSelection(
        area,
        Optional.ofNullable(filter.status()),
        Optional.ofNullable(filter.from()),
        Optional.ofNullable(filter.to()),
        Optional.ofNullable(filter.errorClass()),
        Optional.ofNullable(filter.step()));
  }

  private static <T> Optional<T> read(@Nullable String text, Function<String, T> reader) {
    try {
      return Optional.ofNullable(text).map(reader);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String expectedOneOf(List<String> texts) {
    return "Expected one of " + String.join(", ", texts) + ".";
  }
}
