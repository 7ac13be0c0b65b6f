package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.http.Json;
import dev.areaflow.schemas.rows.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A connection that an AREA uses, as it stands.
 *
 * @param reconnect whether its owner has to connect it again
 * @param lacking scopes that the AREA needs and its consent is not about
 */
record UsedConnection(
    UUID id, String service, String name, boolean reconnect, List<String> lacking) {
  UsedConnection {
    lacking = List.copyOf(lacking);
  }

  /**
   * Selects, as JSON, the connections of the AREA a. An AREA's row has it in one column, so that a
   * page of AREAs is one query.
   */
  static final String SELECT =
      "(SELECT json_agg(json_build_object('id', c.id, 'service', c.service, 'name', c.name,"
          + " 'status', c.status, 'scopes', c.scopes, 'listens', l.uses) ORDER BY c.id)"
          + " FROM connections c CROSS JOIN LATERAL (SELECT json_agg(json_build_object("
          + "'service', k.service, 'action', k.action) ORDER BY k.id) AS uses FROM hooks k"
          + " WHERE k.connection_id = c.id AND k.id = ANY(area_hooks(a.hook_id, a.listens))) l"
          + " WHERE c.owner_id = a.owner_id AND (l.uses IS NOT NULL OR EXISTS (SELECT 1"
          + " FROM "
          + StepTable.of("a")
          + " p WHERE p.step->>'connectionId' = CAST(c.id AS text))))";

  /** Reads {@link #SELECT}. */
  static List<UsedConnection> of(@Nullable String selected, Plan plan, ScopeNeeds needs) {
    List<UsedConnection> used = new ArrayList<>();
    if (selected != null) {
      for (JsonNode row : Json.readStored(selected)) {
        used.add(of(row, plan, needs));
      }
    }
    return used;
  }

  private static UsedConnection of(JsonNode row, Plan plan, ScopeNeeds needs) {
    UUID id = UUID.fromString(row.path("id").asText());
    String service = row.path("service").asText();
    List<String> needed = new ArrayList<>();
    for (JsonNode use : row.path("listens")) {
      needed.addAll(
          needs.of(
              new ScopeNeeds.Use(use.path("service").asText(), use.path("action").asText(), true)));
    }
    for (Plan.Step step : plan.all()) {
      if (id.toString().equals(step.connectionId())) {
        needed.addAll(needs.of(new ScopeNeeds.Use(step.service(), step.reaction(), false)));
      }
    }
    return new UsedConnection(
        id,
        service,
        row.path("name").asText(),
        row.path("status").asText().equals("reconnect"),
        needs.lacking(service, granted(row.path("scopes")), needed));
  }

  private static @Nullable List<String> granted(JsonNode scopes) {
    if (!scopes.isArray()) {
      return null;
    }
    List<String> granted = new ArrayList<>();
    scopes.forEach(scope -> granted.add(scope.asText()));
    return granted;
  }

  /** As its owner reads of it. */
  @Override
  public String toString() {
    return "\"" + name + "\" to " + service;
  }

  /** The consent that it lacks, for its owner. */
  ObjectNode consentToJson() {
    return (ObjectNode)
        Json.tree(
            Map.of(
                "connection", id,
                "service", service,
                "name", name,
                "scopes", lacking,
                "authorize", authorize()));
  }

  /** Where its owner begins a consent. */
  String authorize() {
    return "/api/v1/connections/" + id + "/authorize";
  }
}
