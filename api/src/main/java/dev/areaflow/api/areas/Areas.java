package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.areas.Definition.ActionUse;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.hooks.Hook;
import dev.areaflow.api.hooks.Hooks;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.http.Problem;
import dev.areaflow.catalog.ActionSource;
import dev.areaflow.catalog.PollSource;
import dev.areaflow.catalog.Webhook;
import dev.areaflow.schemas.rows.Plan;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The table of AREAs. Each change counts the version up and is written with everything that the
 * topology needs, in one row: change data capture carries it there. All changes of one owner happen
 * one after the other. The caller brings the transaction.
 */
public final class Areas {
  private static final Duration KEPT_AFTER_DELETION = Duration.ofDays(30);

  private final Hooks hooks;
  private final ScopeNeeds needs;

  /** Runs of a deleted AREA go on, too. */
  private static final String RESUME =
      "INSERT INTO requests (owner_id, home, kind, body, created_at)"
          + " SELECT DISTINCT a.owner_id, CAST(a.hook_id AS text), 'resume',"
          + " jsonb_build_object('connectionId', CAST(:connection AS text)),"
          + " CAST(:now AS timestamptz) FROM areas a WHERE a.owner_id = :owner"
          + " AND jsonb_path_exists(CAST(a.plan AS jsonb), CAST(:path AS jsonpath),"
          + " jsonb_build_object('id', CAST(:connection AS text)))";

  private static final String CONNECTION_IN_PLAN = "$.**.connectionId ? (@ == $id)";

  private final Clock clock;

  /**
   * @param needs what AREAs need of the connections that they use
   */
  public Areas(Hooks hooks, ScopeNeeds needs, Clock clock) {
    this.hooks = hooks;
    this.needs = needs;
    this.clock = clock;
  }

  /** What a list of AREAs is narrowed to. */
  record Filter(Optional<String> text, Optional<String> service, Optional<Boolean> enabled) {}

  Optional<Area> find(Handle handle, UUID owner, UUID id) {
    return handle
        .createQuery(Area.SELECT + " AND a.id = :id")
        .bind("owner", owner)
        .bind("id", id)
        .map((row, context) -> Area.of(row, needs))
        .findOne();
  }

  /** A page of an owner's AREAs, newest first. */
  List<Area> list(Handle handle, UUID owner, Filter filter, Optional<UUID> after, int limit) {
    return handle
        .createQuery(
            Area.SELECT
                + " AND (CAST(:after AS uuid) IS NULL OR a.id < :after)"
                + " AND (CAST(:text AS text) IS NULL OR strpos(lower(a.name), lower(:text)) > 0)"
                + " AND (CAST(:enabled AS boolean) IS NULL OR a.wanted = :enabled)"
                + " AND (CAST(:service AS text) IS NULL"
                + " OR a.definition->'action'->>'service' = :service"
                + " OR EXISTS (SELECT 1 FROM "
                + StepTable.of("a")
                + " s WHERE s.step->>'service' = :service))"
                + " ORDER BY a.id DESC LIMIT :limit")
        .bind("owner", owner)
        .bind("after", after.orElse(null))
        .bind("text", filter.text().orElse(null))
        .bind("enabled", filter.enabled().orElse(null))
        .bind("service", filter.service().orElse(null))
        .bind("limit", limit)
        .map((row, context) -> Area.of(row, needs))
        .list();
  }

  /**
   * Makes an AREA, and its hook where it needs one.
   *
   * @throws Problem 409 where the name is taken, 422 where the named hook does not fit
   */
  Area create(Handle handle, UUID owner, Checked checked) {
    boolean suspended = lock(handle, owner);
    Hook hook = place(handle, owner, suspended, checked, null, null);
    Definition definition = checked.definition().withInputs(hook.inputs());
    boolean wanted = !Boolean.FALSE.equals(definition.enabled());
    UUID id =
        named(
            () ->
                handle
                    .createQuery(
                        "INSERT INTO areas (owner_id, hook_id, name, definition, plan, wanted,"
                            + " suspended, enabled, created_at, updated_at)"
                            + " VALUES (:owner, :hook, :name, CAST(:definition AS jsonb),"
                            + " CAST(:plan AS json), :wanted, :suspended, :enabled, :now, :now)"
                            + " RETURNING id")
                    .bind("owner", owner)
                    .bind("hook", hook.id())
                    .bind("name", definition.name())
                    .bind("definition", definition.toJson().toString())
                    .bind("plan", checked.plan().toJson())
                    .bind("wanted", wanted)
                    .bind("suspended", suspended)
                    .bind("enabled", wanted && !suspended)
                    .bind("now", now())
                    .mapTo(UUID.class)
                    .one());
    return get(handle, owner, id);
  }

  /**
   * Replaces an AREA's definition.
   *
   * @param version the version that the caller knows
   * @throws Problem 404, 412 where it is another one, 409 and 422 as {@link #create}
   */
  Change replace(Handle handle, UUID owner, UUID id, long version, Checked checked) {
    boolean suspended = lock(handle, owner);
    Area before = get(handle, owner, id);
    if (before.version() != version) {
      throw Problem.stale(
          "The AREA is in version "
              + before.version()
              + ", not "
              + version
              + "; read it again and repeat the change.");
    }
    Hook hook = place(handle, owner, suspended, checked, before.hook(), id);
    Definition definition = checked.definition().withInputs(hook.inputs());
    Boolean enabled = definition.enabled();
    boolean wanted = enabled == null ? before.wanted() : enabled;
    boolean moved = !hook.id().equals(before.hook().id());
    named(
        () ->
            handle
                .createUpdate(
                    "UPDATE areas SET hook_id = :hook, name = :name,"
                        + " definition = CAST(:definition AS jsonb), plan = CAST(:plan AS json),"
                        + " wanted = :wanted, enabled = :wanted AND NOT suspended,"
                        + " blocked = NULL,"
                        + " left_hook_id = CASE WHEN :moved THEN hook_id ELSE left_hook_id END,"
                        + " left_version = CASE WHEN :moved THEN version + 1"
                        + " ELSE left_version END,"
                        + " version = version + 1, updated_at = :now WHERE id = :id")
                .bind("hook", hook.id())
                .bind("name", definition.name())
                .bind("definition", definition.toJson().toString())
                .bind("plan", checked.plan().toJson())
                .bind("wanted", wanted)
                .bind("moved", moved)
                .bind("now", now())
                .bind("id", id)
                .execute());
    if (moved) {
      hooks.release(handle, before.hook().id());
    }
    return new Change(before, get(handle, owner, id));
  }

  /** An AREA before and after a change. */
  record Change(Area before, Area after) {}

  /**
   * Switches an AREA on or off; a new version even where nothing changes.
   *
   * @throws Problem 404
   */
  Area enable(Handle handle, UUID owner, UUID id, boolean wanted) {
    lock(handle, owner);
    handle
        .createUpdate(
            "UPDATE areas SET wanted = :wanted,"
                + " enabled = :wanted AND NOT suspended AND blocked IS NULL,"
                + " version = version + 1, updated_at = :now"
                + " WHERE id = :id AND owner_id = :owner AND deleted_at IS NULL")
        .bind("wanted", wanted)
        .bind("now", now())
        .bind("id", id)
        .bind("owner", owner)
        .execute();
    return get(handle, owner, id);
  }

  /**
   * Deletes an AREA, and its hook where no other uses it.
   *
   * @throws Problem 404
   */
  void delete(Handle handle, UUID owner, UUID id) {
    lock(handle, owner);
    Area area = get(handle, owner, id);
    handle
        .createUpdate(
            "UPDATE areas SET deleted_at = :now, updated_at = :now, version = version + 1"
                + " WHERE id = :id")
        .bind("now", now())
        .bind("id", id)
        .execute();
    hooks.release(handle, area.hook().id());
  }

  /** An AREA that was made to stop. */
  public record Stopped(UUID id, String name) {}

  /**
   * Makes the AREAs that use a connection stop until their definitions are changed. To be called in
   * the transaction that deletes the connection.
   *
   * @param reason for their owner
   */
  public List<Stopped> block(Handle handle, UUID owner, UUID connection, String reason) {
    lock(handle, owner);
    return handle
        .createQuery(
            "UPDATE areas SET blocked = :reason, enabled = false, version = areas.version + 1,"
                + " updated_at = :now FROM hooks h WHERE h.id = areas.hook_id AND "
                + USING
                + " RETURNING areas.id, areas.name")
        .bind("reason", reason)
        .bind("now", now())
        .bind("owner", owner)
        .bind("connection", connection)
        .map((row, context) -> new Stopped(row.getObject("id", UUID.class), row.getString("name")))
        .list();
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
                + " FROM areas a JOIN hooks h ON h.id = a.hook_id"
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
    lock(handle, owner);
    handle
        .createQuery(
            "SELECT areas.id, areas.definition, areas.plan, h.connection_id FROM areas"
                + " JOIN hooks h ON h.id = areas.hook_id WHERE "
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
                        connection.equals(row.getObject("connection_id", UUID.class)),
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
      ObjectNode definition, Plan plan, boolean action, String connection, String name) {
    if (action) {
      definition.withObject("/action").put("connection", name);
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

  private static final String USING =
      "areas.owner_id = :owner AND areas.deleted_at IS NULL AND (h.connection_id = :connection"
          + " OR EXISTS (SELECT 1 FROM "
          + StepTable.of("areas")
          + " s WHERE s.step->>'connectionId' = CAST(:connection AS text)))";

  /**
   * Makes all AREAs of an owner stop firing, or lets those fire again that shall. Their hooks
   * refuse deliveries meanwhile. To be called in the transaction that disables or enables the user.
   */
  public void suspend(Handle handle, UUID owner, boolean suspended) {
    handle
        .createUpdate(
            "UPDATE areas SET suspended = :suspended,"
                + " enabled = wanted AND NOT :suspended AND blocked IS NULL,"
                + " version = version + 1, updated_at = :now"
                + " WHERE owner_id = :owner AND deleted_at IS NULL AND suspended <> :suspended")
        .bind("suspended", suspended)
        .bind("now", now())
        .bind("owner", owner)
        .execute();
    hooks.enable(handle, owner, !suspended);
  }

  /**
   * Removes the rows of AREAs and hooks whose deletion the topology acknowledged long ago. To be
   * called now and then, in a transaction.
   */
  public void purge(Handle handle) {
    OffsetDateTime before = now().minus(KEPT_AFTER_DELETION);
    handle
        .createUpdate(
            "DELETE FROM areas a WHERE a.deleted_at < :before AND EXISTS"
                + " (SELECT 1 FROM area_status s WHERE s.area_id = a.id"
                + " AND s.home = CAST(a.hook_id AS text) AND s.state = 'removed'"
                + " AND s.version >= a.version AND s.at < :before)")
        .bind("before", before)
        .execute();
    handle.execute(
        "DELETE FROM area_status s WHERE NOT EXISTS"
            + " (SELECT 1 FROM areas a WHERE a.id = s.area_id)");
    hooks.purge(handle, before.toInstant());
  }

  private Area get(Handle handle, UUID owner, UUID id) {
    return find(handle, owner, id).orElseThrow(Problem::notFound);
  }

  /** Waits for this owner's other changes to end; tells whether the owner is disabled. */
  private static boolean lock(Handle handle, UUID owner) {
    return handle
        .createQuery(
            "SELECT disabled_at IS NOT NULL FROM users WHERE id = :owner FOR NO KEY UPDATE")
        .bind("owner", owner)
        .mapTo(Boolean.class)
        .findOne()
        .orElseThrow(Problem::notFound);
  }

  /**
   * The hook that a definition listens to: the named one, the one that the AREA has already, one
   * shared by clocks or polls of the same inputs, or a new one. One that begins with what there is
   * already is not shared: to others that would be a flood.
   *
   * @param suspended whether a new hook refuses deliveries until its owner is enabled again
   * @param current the hook that the AREA has; null for a new AREA
   * @param area the AREA; null for a new one
   */
  private Hook place(
      Handle handle,
      UUID owner,
      boolean suspended,
      Checked checked,
      @Nullable Hook current,
      @Nullable UUID area) {
    ActionUse use = checked.definition().action();
    if (use.hook() != null) {
      return named(handle, owner, use, use.hook(), area);
    }
    JsonNode inputs = use.givenInputs().orElseGet(() -> JsonNodeFactory.instance.objectNode());
    @Nullable UUID connection = checked.connection().orElse(null);
    @Nullable Hook kept =
        current != null && current.isOf(use.service(), use.action()) ? current : null;
    IntFunction<Hook> made =
        first ->
            hooks.create(
                handle, owner, !suspended, use.service(), use.action(), inputs, connection, first);
    Hook hook =
        switch (checked.action().source()) {
          case Webhook _, ActionSource.Both _ ->
              kept == null
                  ? made.apply(0)
                  : connected(handle, withInputs(handle, kept, inputs, area), connection);
          case ActionSource.Clock _, PollSource _ -> {
            if (kept != null && kept.firstItems() > 0 && listens(kept, inputs, connection)) {
              yield kept; // what it began with is over, whatever the definition says now
            }
            if (use.first() > 0) {
              yield made.apply(use.first());
            }
            yield hooks
                .findSame(handle, owner, use.service(), use.action(), inputs, connection)
                .orElseGet(
                    () ->
                        kept != null
                                && kept.firstItems() == 0
                                && hooks.users(handle, kept.id(), area) == 0
                            ? connected(handle, hooks.change(handle, kept, inputs), connection)
                            : made.apply(0));
          }
        };
    if (connection != null && checked.action().subscription().isPresent()) {
      hooks.subscribe(handle, hook);
    }
    return hook;
  }

  private static boolean listens(Hook hook, JsonNode inputs, @Nullable UUID connection) {
    return same(hook.inputs(), inputs) && Objects.equals(hook.connectionId(), connection);
  }

  private Hook connected(Handle handle, Hook hook, @Nullable UUID connection) {
    return Objects.equals(hook.connectionId(), connection)
        ? hook
        : hooks.connect(handle, hook, connection);
  }

  /**
   * The inputs that an AREA of this definition would listen with: those that it gives, else those
   * of the hook that it names.
   *
   * @throws Problem 422 where the named hook does not fit
   */
  JsonNode inputs(Handle handle, UUID owner, Definition definition) {
    ActionUse use = definition.action();
    Optional<JsonNode> ofHook =
        Optional.ofNullable(use.hook()).map(id -> fitting(handle, owner, use, id).inputs());
    return use.givenInputs()
        .or(() -> ofHook)
        .orElseGet(() -> JsonNodeFactory.instance.objectNode());
  }

  private Hook named(Handle handle, UUID owner, ActionUse use, UUID hookId, @Nullable UUID area) {
    Hook hook = fitting(handle, owner, use, hookId);
    return use.givenInputs().map(inputs -> withInputs(handle, hook, inputs, area)).orElse(hook);
  }

  private Hook fitting(Handle handle, UUID owner, ActionUse use, UUID hookId) {
    Hook hook =
        hooks
            .find(handle, owner, hookId)
            .orElseThrow(() -> Problem.invalid("/action/hook", "You have no hook of this id."));
    if (!hook.isOf(use.service(), use.action())) {
      throw Problem.invalid(
          "/action/hook", "The hook is one of " + hook.service() + "." + hook.action() + ".");
    }
    return hook;
  }

  private Hook withInputs(Handle handle, Hook hook, JsonNode inputs, @Nullable UUID area) {
    if (same(hook.inputs(), inputs)) {
      return hook;
    }
    int others = hooks.users(handle, hook.id(), area);
    if (others > 0) {
      throw Problem.invalid(
          "/action/inputs",
          "Expected the inputs of the hook, "
              + hook.inputs()
              + ": "
              + others
              + (others == 1 ? " other AREA listens" : " other AREAs listen")
              + " to it too.");
    }
    return hooks.change(handle, hook, inputs);
  }

  /** Equal as JSON: 1 and 1.0 are, whatever PostgreSQL or Jackson made of them. */
  private static boolean same(JsonNode one, JsonNode other) {
    return one.equals(
        (a, b) ->
            a.isNumber() && b.isNumber()
                ? a.decimalValue().compareTo(b.decimalValue())
                : a.equals(b) ? 0 : 1,
        other);
  }

  private static <T> T named(Supplier<T> statement) {
    return Database.unlessTaken(
        statement, () -> Problem.conflict("/name", "Another of your AREAs has this name already."));
  }

  private OffsetDateTime now() {
    return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
  }
}
