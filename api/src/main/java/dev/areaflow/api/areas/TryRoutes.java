package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.areas.Checked.Listening;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.Violation;
import dev.areaflow.api.http.Violations;
import dev.areaflow.catalog.Action;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.Webhook;
import dev.areaflow.expressions.Expressions;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** Tries definitions before they are saved. */
public final class TryRoutes implements Routes {
  private final Database database;
  private final Areas areas;
  private final DefinitionCheck check;
  private final OwnedConnections connections;
  private final Trial trial;
  private final Clock clock;

  public TryRoutes(
      Database database,
      Areas areas,
      DefinitionCheck check,
      OwnedConnections connections,
      ServiceCatalog catalog,
      Expressions expressions,
      Clock clock) {
    this.database = database;
    this.areas = areas;
    this.check = check;
    this.connections = connections;
    this.trial = new Trial(catalog, expressions);
    this.clock = clock;
  }

  @Override
  public List<Route> table() {
    return List.of(Route.post("/api/v1/areas/try", Scope.AREAS_READ, this::tryDefinition));
  }

  private Answer tryDefinition(Call call) {
    Violations violations = new Violations();
    Fields body = new Fields(call.body(), "", violations);
    Optional<JsonNode> definition = body.find("definition");
    Optional<JsonNode> event = body.find("event");
    Optional<String> of = body.text("of");
    body.refuseOthers(Set.of());
    violations.check(definition.isPresent(), "/definition", "Expected an object, found nothing.");
    violations.raise();
    JsonNode document = named(definition.orElseThrow());
    UUID owner = call.caller().userId();
    Supplier<ConnectionNames> names =
        () -> database.jdbi().withHandle(handle -> connections.names(handle, owner));
    Checked checked = inDefinition(() -> check.check(document, names));
    Listening listening = of.map(id -> named(checked, id)).orElse(checked.listening().getFirst());
    Action action = listening.action();
    JsonNode inputs = inDefinition(() -> inputs(owner, listening));
    boolean objectsOnly = action.output().path("type").asText().equals("object");
    violations.check(
        !objectsOnly || event.isEmpty() || event.get().isObject(), "/event", "Expected an object.");
    violations.raise();
    Optional<String> objection = event.flatMap(given -> objection(action, inputs, given));
    JsonNode used = event.orElseGet(action::sample);
    return Answer.ok(
        objection.isPresent()
            ? Trial.filtered(used, objection.get())
            : trial.run(checked, listening.use(), used, clock.instant()));
  }

  private JsonNode inputs(UUID owner, Listening action) {
    return database.jdbi().withHandle(handle -> areas.inputs(handle, owner, action));
  }

  /** The action of several that the event is one of. */
  private static Listening named(Checked checked, String id) {
    List<String> ids = checked.listening().stream().map(each -> each.use().id()).toList();
    return checked.listening().stream()
        .filter(each -> each.use().id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                Problem.invalid(
                    "/of",
                    checked.definition().isOfSeveral()
                        ? "None of the actions has this id" + Nearest.hint(id, ids)
                        : "Expected none: the definition has one action only."));
  }

  /** Why a hook of these inputs would not take the event, in the words of the ingress. */
  private static Optional<String> objection(Action action, JsonNode inputs, JsonNode event) {
    return action
        .webhook()
        .flatMap(webhook -> webhook.objection(Json.write(event), inputs))
        .map(
            objection ->
                switch (objection) {
                  case Webhook.Objection.Ignored(var reason) ->
                      "The hook would ignore it: " + reason;
                  case Webhook.Objection.Refused(var detail) ->
                      "The hook would refuse it: " + detail;
                });
  }

  /** A definition may be tried before it has a name. */
  static JsonNode named(JsonNode definition) {
    return definition instanceof ObjectNode object && !object.has("name")
        ? object.deepCopy().put("name", "untitled")
        : definition;
  }

  /** Checks a definition that stands in a body under that name. */
  static <T> T inDefinition(Supplier<T> checking) {
    try {
      return checking.get();
    } catch (Problem problem) {
      throw problem.errors().isEmpty()
          ? problem
          : Problem.invalid(
              problem.errors().stream()
                  .map(e -> new Violation("/definition" + e.pointer(), e.detail()))
                  .toList());
    }
  }
}
