package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.hooks.Hooks;
import dev.areaflow.api.http.Actor;
import dev.areaflow.api.http.Json;
import dev.areaflow.schemas.rows.Plan;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * What becomes of AREAs when a connection that they use changes. The caller brings the transaction.
 */
public final class ConnectedAreas {
  /** Runs of a deleted AREA go on, too. */
  private static final String RESUME =
      "INSERT INTO requests (owner_id, home, kind, body, created_at)"
          + " SELECT DISTINCT a.owner_id, CAST(CASE WHEN a.listens IS NULL THEN a.hook_id ELSE a.id END AS text),"
          + " 'resume',"
          + " jsonb_build_object('connectionId', CAST(:connection AS text)),"
          + " CAST(:now AS timestamptz) FROM areas a WHERE a.owner_id = :owner"
          + " AND jsonb_path_exists(CAST(a.plan AS jsonb), CAST(:path AS jsonpath),"
          + " jsonb_build_object('id', CAST(:connection AS text)))";

  private static final String CONNECTION_IN_PLAN = "$.**.connectionId ? (@ == $id)";

  private static final String USING =
      "areas.owner_id = :owner AND areas.deleted_at IS NULL AND (EXISTS (SELECT 1 FROM hooks h"
          + " WHERE h.id = ANY(area_hooks(areas.hook_id, areas.listens))"
          + " AND h.connection_id = :connection) OR EXISTS (SELECT 1 FROM "
          + StepTable.of("areas")
          + " s WHERE s.step->>'connectionId' = CAST(:connection AS text)))";

  private final Hooks hooks;
  private final ScopeNeeds needs;
  private final Clock clock;

  /**
   * @param needs what AREAs need of the connections that they use
   */
  public ConnectedAreas(Hooks hooks, ScopeNeeds needs, Clock clock) {
    this.hooks = hooks;
    this.needs = needs;
    this.clock = clock;
  }

  /** An AREA that was made to stop. */
  public record Stopped(UUID id, String name) {}

  /**
   * Makes the AREAs that use a connection stop until their definitions are changed. To be called in
   * the transaction that deletes the connection.
   *
   * @param reason for their owner
   */
  public List<Stopped> block(Handle handle, UUID owner, UUID connection, String reason, Actor by) {
    Areas.lock(handle, owner);
    List<Stopped> stopped =
        handle
            .createQuery(
                "UPDATE areas SET blocked = :reason, enabled = false, version = areas.version + 1,"
                    + " updated_at = :now WHERE "
                    + USING
                    + " RETURNING areas.id, areas.name")
            .bind("reason", reason)
            .bind("now", now())
            .bind("owner", owner)
            .bind("connection", connection)
            .map(
                (row, context) ->
                    new Stopped(row.getObject("id", UUID.class), row.getString("name")))
            .list();
    AreaVersions.add(
        handle, stopped.stream().map(Stopped::id).toList(), AreaVersion.What.STOPPED, by);
    return stopped;
  }

  /**
   * Has what failed with a connection, and what waits for it, tried again. To be called in the
   * transaction that gives it other credentials, or finds that they are good again.
   */
  public void mended(Handle handle, UUID owner, UUID connection) {
    hooks.mended(handle, owner, connection);
    handle
        .createUpdate(RESUME)
        .bind("owner", owner)
        .bind("connection", connection.toString())
        .bind("path", CONNECTION_IN_PLAN)
        .bind("now", now())
        .execute();
  }

  /** The scopes that an owner's AREAs need of each connection that they use. */
  public Map<UUID, Set<String>> scopesNeeded(Handle handle, UUID owner) {
    Map<UUID, Set<String>> needed = new HashMap<>();
    handle
        .createQuery(
            "SELECT h.connection_id AS connection, h.service, h.action AS used, true AS listens"
                + " FROM areas a JOIN hooks h ON h.id = ANY(area_hooks(a.hook_id, a.listens))"
                + " WHERE a.owner_id = :owner AND a.deleted_at IS NULL"
                + " AND h.connection_id IS NOT NULL"
                + " UNION SELECT CAST(s.step->>'connectionId' AS uuid), s.step->>'service',"
                + " s.step->>'reaction', false FROM areas a CROSS JOIN LATERAL "
                + StepTable.of("a")
                + " s"
                + " WHERE a.owner_id = :owner AND a.deleted_at IS NULL"
                + " AND s.step->>'connectionId' IS NOT NULL ORDER BY 1, 4 DESC, 2, 3")
        .bind("owner", owner)
        .map(
            (row, context) ->
                Map.entry(
                    row.getObject("connection", UUID.class),
                    new ScopeNeeds.Use(
                        row.getString("service"),
                        row.getString("used"),
                        row.getBoolean("listens"))))
        .forEach(
            use ->
                needed
                    .computeIfAbsent(use.getKey(), _ -> new LinkedHashSet<>())
                    .addAll(needs.of(use.getValue())));
    return needed;
  }

  /**
   * Writes a connection's new name into the definitions that use it; they stay what they are, so
   * that no version counts up. To be called in the transaction that renames the connection.
   */
  public void renameConnection(Handle handle, UUID owner, UUID connection, String name) {
    Areas.lock(handle, owner);
    handle
        .createQuery(
            "SELECT areas.id, areas.definition, areas.plan,"
                + " ARRAY(SELECT k.position FROM unnest(area_hooks(areas.hook_id, areas.listens))"
                + " WITH ORDINALITY k(id, position) JOIN hooks h ON h.id = k.id"
                + " WHERE h.connection_id = :connection) AS listening FROM areas WHERE "
                + USING)
        .bind("owner", owner)
        .bind("connection", connection)
        .map(
            (row, context) ->
                Map.entry(
                    row.getObject("id", UUID.class),
                    renamed(
                        (ObjectNode) Json.readStored(row.getString("definition")),
                        Plan.parse(row.getString("plan")),
                        (Long[]) row.getArray("listening").getArray(),
                        connection.toString(),
                        name)))
        .list()
        .forEach(
            area ->
                handle
                    .createUpdate(
                        "UPDATE areas SET definition = CAST(:definition AS jsonb) WHERE id = :id")
                    .bind("definition", area.getValue().toString())
                    .bind("id", area.getKey())
                    .execute());
  }

  private static ObjectNode renamed(
      ObjectNode definition, Plan plan, Long[] actions, String connection, String name) {
    for (long position : actions) {
      (definition.has("actions")
              ? (ObjectNode) definition.withArray("/actions").get((int) position - 1)
              : definition.withObject("/action"))
          .put("connection", name);
    }
    Set<String> users =
        plan.all().stream()
            .filter(step -> connection.equals(step.connectionId()))
            .map(Plan.Step::id)
            .collect(Collectors.toSet());
    rename(definition.path("reactions"), users, name);
    rename(definition.path("onError"), users, name);
    return definition;
  }

  private static void rename(JsonNode steps, Set<String> users, String name) {
    for (JsonNode step : steps) {
      if (step instanceof ObjectNode object && users.contains(step.path("id").asText())) {
        object.put("connection", name);
      }
      rename(step.at("/onFailure/run"), users, name);
      step.path("choose").forEach(branch -> rename(branch.path("reactions"), users, name));
    }
  }

  private OffsetDateTime now() {
    return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
  }
}
