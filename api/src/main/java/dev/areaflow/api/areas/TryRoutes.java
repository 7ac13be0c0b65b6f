package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.Violation;
import dev.areaflow.api.http.Violations;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.expressions.Expressions;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Tries definitions before they are saved. */
public final class TryRoutes implements Routes {
  private final DefinitionCheck check;
  private final Trial trial;
  private final Clock clock;

  public TryRoutes(
      DefinitionCheck check, ServiceCatalog catalog, Expressions expressions, Clock clock) {
    this.check = check;
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
    body.refuseOthers(Set.of());
    violations.check(definition.isPresent(), "/definition", "Expected an object, found nothing.");
    violations.raise();
    Checked checked = checked(named(definition.orElseThrow()));
    boolean objectsOnly = checked.action().output().path("type").asText().equals("object");
    violations.check(
        !objectsOnly || event.isEmpty() || event.get().isObject(), "/event", "Expected an object.");
    violations.raise();
    JsonNode used = event.orElseGet(() -> checked.action().sample());
    return Answer.ok(trial.run(checked, used, clock.instant()));
  }

  /** A definition may be tried before it has a name. */
  private static JsonNode named(JsonNode definition) {
    return definition instanceof ObjectNode object && !object.has("name")
        ? object.deepCopy().put("name", "untitled")
        : definition;
  }

  private Checked checked(JsonNode definition) {
    try {
      return check.check(definition);
    } catch (Problem problem) {
      throw Problem.invalid(
          problem.errors().stream()
              .map(e -> new Violation("/definition" + e.pointer(), e.detail()))
              .toList());
    }
  }
}
