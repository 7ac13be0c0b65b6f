package dev.areaflow.api.areas;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.areas.Checked.Listening;
import dev.areaflow.api.backtests.BacktestPlaces;
import dev.areaflow.api.backtests.BacktestStream;
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
import dev.areaflow.catalog.Reaction;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.Backtester;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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
  private static final Duration LONGEST_RANGE = Duration.ofDays(92);
  private static final int MOST_IN_ALL = 4;

  private final Database database;
  private final Areas areas;
  private final DefinitionCheck check;
  private final OwnedConnections connections;
  private final PastHooks hooks;
  private final ServiceCatalog catalog;
  private final Backtester backtester;
  private final Clock clock;
  private final BacktestPlaces places = new BacktestPlaces(MOST_IN_ALL);

  public BacktestRoutes(
      Database database,
      Areas areas,
      DefinitionCheck check,
      OwnedConnections connections,
      Hooks hooks,
      ServiceCatalog catalog,
      Backtester backtester,
      Clock clock) {
    this.database = database;
    this.areas = areas;
    this.check = check;
    this.connections = connections;
    this.hooks = new PastHooks(hooks);
    this.catalog = catalog;
    this.backtester = backtester;
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
   * @param hooks whose events stand for those of actions, by the actions' ids
   */
  private record Asked(
      Optional<JsonNode> definition,
      Optional<UUID> areaId,
      Instant from,
      Instant to,
      Map<String, UUID> hooks) {}

  private Answer start(Call call) {
    Asked asked = asked(call.body());
    UUID owner = call.caller().userId();
    Backtest backtest = backtest(owner, asked);
    String mediaType =
        call.header("Accept").filter(accept -> accept.contains(BacktestStream.EVENTS)).isPresent()
            ? BacktestStream.EVENTS
            : BacktestStream.LINES;
    places.take(owner);
    return Answer.streamed(
        mediaType, new BacktestStream(backtester, backtest, mediaType, () -> places.leave(owner)));
  }

  private Asked asked(JsonNode body) {
    Violations violations = new Violations();
    Fields fields = new Fields(body, "", violations);
    Optional<JsonNode> definition = fields.find("definition");
    Optional<UUID> area = fields.text("areaId").flatMap(id -> id(id, "/areaId", violations));
    Instant to = time(fields, "to", violations).orElseGet(clock::instant);
    Instant from = time(fields, "from", violations).orElseGet(() -> to.minus(USUAL_RANGE));
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
    return new Asked(definition, area, from, to, hooks);
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

  private Backtest backtest(UUID owner, Asked asked) {
    Area area =
        asked
            .areaId()
            .map(
                id ->
                    database
                        .jdbi()
                        .withHandle(handle -> areas.find(handle, owner, id))
                        .orElseThrow(Problem::notFound))
            .orElse(null);
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
    Duration before = Optional.ofNullable(plan.rule()).map(RulePlan::reach).orElse(Duration.ZERO);
    return new Backtest(
        row(owner, area, checked, listening),
        asked.from().minus(before),
        asked.from(),
        asked.to(),
        samples(plan));
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

  private Map<String, String> samples(Plan plan) {
    Map<String, String> samples = new HashMap<>();
    for (Plan.Step step : plan.all()) {
      catalog
          .reaction(step.service(), step.reaction())
          .map(Reaction::sample)
          .ifPresent(sample -> samples.put(step.id(), sample.toString()));
    }
    return samples;
  }
}
