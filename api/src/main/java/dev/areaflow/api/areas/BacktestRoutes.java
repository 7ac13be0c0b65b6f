package dev.areaflow.api.areas;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.areas.Checked.Listening;
import dev.areaflow.api.backtests.Backtests;
import dev.areaflow.api.backtests.SelectionCheck;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.hooks.Hook;
import dev.areaflow.api.hooks.Hooks;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.Violations;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.Selection;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.topics.Topics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Tries definitions on past events. */
public final class BacktestRoutes implements Routes {
  private static final Duration USUAL_RANGE = Duration.ofDays(7);
  private static final Duration KEPT = Topics.EVENTS.retention().orElseThrow();
  private static final Duration LONGEST_RANGE = Duration.ofDays(92);

  private final Database database;
  private final Areas areas;
  private final DefinitionCheck check;
  private final OwnedConnections connections;
  private final PastHooks hooks;
  private final Backtests backtests;
  private final SelectionCheck selections;
  private final Clock clock;

  public BacktestRoutes(
      Database database,
      Areas areas,
      DefinitionCheck check,
      OwnedConnections connections,
      Hooks hooks,
      Backtests backtests,
      SelectionCheck selections,
      Clock clock) {
    this.database = database;
    this.areas = areas;
    this.check = check;
    this.connections = connections;
    this.hooks = new PastHooks(hooks);
    this.backtests = backtests;
    this.selections = selections;
    this.clock = clock;
  }

  @Override
  public List<Route> table() {
    return List.of(Route.post("/api/v1/areas/backtest", Scope.EVENTS_READ, this::start));
  }

  /**
   * What is asked for.
   *
   * @param definition that is tried; empty for that of the AREA
   * @param areaId an AREA; empty for a new one
   * @param selection which of the events are taken
   * @param hooks whose events stand for those of actions, by the actions' ids
   */
  private record Asked(
      Optional<JsonNode> definition,
      Optional<UUID> areaId,
      Instant from,
      Instant to,
      Selection selection,
      Map<String, UUID> hooks) {}

  private Answer start(Call call) {
    Asked asked = asked(call.body());
    UUID owner = call.caller().userId();
    @Nullable Area area = area(owner, asked).orElse(null);
    AreaRow row = row(owner, area, asked);
    return backtests.answer(
        call,
        row,
        begun(area, row),
        asked.from(),
        asked.to(),
        asked.selection(),
        Backtest.Manner.LIVE);
  }

  private Asked asked(JsonNode body) {
    Violations violations = new Violations();
    Fields fields = new Fields(body, "", violations);
    Optional<JsonNode> definition = fields.find("definition");
    Optional<UUID> area = fields.text("areaId").flatMap(id -> id(id, "/areaId", violations));
    Instant to = time(fields, "to", violations).orElseGet(clock::instant);
    List<String> ids = ids(fields, violations);
    Optional<String> when = fields.text("when");
    Instant from =
        time(fields, "from", violations)
            .orElseGet(() -> to.minus(ids.isEmpty() ? USUAL_RANGE : KEPT));
    Map<String, UUID> hooks = new HashMap<>();
    fields
        .object("hooks")
        .ifPresent(
            chosen ->
                chosen
                    .properties()
                    .forEach(
                        hook ->
                            id(
                                    hook.getValue().asText(),
                                    "/hooks/" + Json.escape(hook.getKey()),
                                    violations)
                                .ifPresent(id -> hooks.put(hook.getKey(), id))));
    fields.refuseOthers(Set.of());
    violations.check(
        definition.isPresent() || area.isPresent(),
        "/definition",
        "Expected a definition, or the id of an AREA in areaId.");
    violations.check(from.isBefore(to), "/from", "Expected a time before \"to\".");
    violations.check(
        Duration.between(from, to).compareTo(LONGEST_RANGE) <= 0,
        "/from",
        "Expected a range of at most " + LONGEST_RANGE.toDays() + " days.");
    violations.raise();
    return new Asked(definition, area, from, to, new Selection(ids, when.orElse(null)), hooks);
  }

  private static List<String> ids(Fields fields, Violations violations) {
    @Nullable JsonNode given = fields.find("eventIds").orElse(null);
    if (given == null) {
      return List.of();
    }
    violations.check(given.isArray(), "/eventIds", "Expected a list.");
    List<@Nullable String> texts = new ArrayList<>();
    given.forEach(id -> texts.add(id.textValue()));
    return SelectionCheck.ids(texts, violations);
  }

  private static Optional<UUID> id(String text, String pointer, Violations violations) {
    try {
      return Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException e) {
      violations.add(pointer, "Expected an id.");
      return Optional.empty();
    }
  }

  private static Optional<Instant> time(Fields fields, String name, Violations violations) {
    return fields
        .text(name)
        .flatMap(
            text -> {
              try {
                return Optional.of(Json.time(text).truncatedTo(ChronoUnit.MILLIS));
              } catch (IllegalArgumentException e) {
                violations.add(fields.pointer(name), String.valueOf(e.getMessage()));
                return Optional.empty();
              }
            });
  }

  private Optional<Area> area(UUID owner, Asked asked) {
    return asked
        .areaId()
        .map(
            id ->
                database
                    .jdbi()
                    .withHandle(handle -> areas.find(handle, owner, id))
                    .orElseThrow(Problem::notFound));
  }

  /** When the rule of an AREA began, if it is the one that is tried, at the same home. */
  private static @Nullable Instant begun(@Nullable Area area, AreaRow row) {
    if (area == null || area.memory() == null) {
      return null;
    }
    Plan plan = Plan.parse(row.plan());
    Optional<Area.Ruling> tried =
        Optional.ofNullable(plan.rule()).map(rule -> new Area.Ruling(rule, plan.by()));
    return tried.equals(area.rule()) && row.home().equals(area.home().toString())
        ? area.memory().since()
        : null;
  }

  private AreaRow row(UUID owner, @Nullable Area area, Asked asked) {
    JsonNode document =
        asked.definition().map(TryRoutes::named).orElseGet(() -> requireNonNull(area).definition());
    Checked checked =
        TryRoutes.inDefinition(
            () ->
                check.check(
                    document,
                    () -> database.jdbi().withHandle(handle -> connections.names(handle, owner))));
    List<Hook> listening =
        database
            .jdbi()
            .withHandle(
                handle -> hooks.of(handle, owner, checked.listening(), asked.hooks(), area));
    Plan plan = checked.plan();
    @Nullable String when = asked.selection().when();
    if (when != null) {
      selections.when(when, plan.service(), plan.action());
    }
    return row(owner, area, checked, listening);
  }

  /** The row that the AREA would have. */
  private static AreaRow row(
      UUID owner, @Nullable Area area, Checked checked, List<Hook> listening) {
    return new AreaRow(
        area == null ? UUID.randomUUID().toString() : area.id().toString(),
        owner.toString(),
        listening.getFirst().id().toString(),
        checked.definition().name(),
        checked.plan().toJson(),
        area == null ? 1 : area.version(),
        true,
        null,
        null,
        checked.definition().isOfSeveral() ? listens(checked.listening(), listening) : null,
        null);
  }

  private static String listens(List<Listening> actions, List<Hook> hooks) {
    ArrayNode listens = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < hooks.size(); i++) {
      listens
          .addObject()
          .put("hookId", hooks.get(i).id().toString())
          .put("of", actions.get(i).use().id());
    }
    return listens.toString();
  }
}
