package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.areas.Checked.Listening;
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
import java.util.ArrayList;
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
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The table of AREAs. Each change counts the version up and is written with everything that the
 * topology needs, in one row: change data capture carries it there. All changes of one owner happen
 * one after the other. The caller brings the transaction.
 */
public final class Areas {
  /** How long an AREA may do nothing but fail. */
  private static final Duration PATIENCE = Duration.ofDays(5);

  /** One that has had no event since then does no harm. */
  private static final Duration LATELY = Duration.ofDays(1);

  private static final Duration KEPT_AFTER_DELETION = Duration.ofDays(30);

  private final Hooks hooks;
  private final ScopeNeeds needs;

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
        .findOne()
        .map(area -> withAllHooks(handle, List.of(area)).getFirst());
  }

  /** The AREAs, those that listen to several hooks with all of them. */
  private static List<Area> withAllHooks(Handle handle, List<Area> areas) {
    List<UUID> several = areas.stream().filter(Area::isOfSeveral).map(Area::id).toList();
    if (several.isEmpty()) {
      return areas;
    }
    Map<UUID, List<Area.Listened>> hooks = new HashMap<>();
    handle
        .createQuery(
            "SELECT a.id AS area_id, l.value->>'of' AS listens_as, "
                + Area.Listened.COLUMNS
                + " FROM areas a"
                + " CROSS JOIN jsonb_array_elements(a.listens) WITH ORDINALITY l(value, position)"
                + " JOIN hooks h ON h.id = CAST(l.value->>'hookId' AS uuid)"
                + Area.Listened.JOINED
                + " WHERE a.id = ANY(:areas) ORDER BY a.id, l.position")
        .bindArray("areas", UUID.class, several.toArray())
        .map(
            (row, context) ->
                Map.entry(
                    row.getObject("area_id", UUID.class),
                    Area.Listened.of(row.getString("listens_as"), row)))
        .forEach(
            each ->
                hooks.computeIfAbsent(each.getKey(), _ -> new ArrayList<>()).add(each.getValue()));
    return areas.stream()
        .map(
            area -> area.isOfSeveral() ? area.with(hooks.getOrDefault(area.id(), List.of())) : area)
        .toList();
  }

  /** A page of an owner's AREAs, newest first. */
  List<Area> list(Handle handle, UUID owner, Filter filter, Optional<UUID> after, int limit) {
    List<Area> found =
        handle
            .createQuery(
                Area.SELECT
                    + " AND (CAST(:after AS uuid) IS NULL OR a.id < :after)"
                    + " AND (CAST(:text AS text) IS NULL OR strpos(lower(a.name), lower(:text)) > 0)"
                    + " AND (CAST(:enabled AS boolean) IS NULL OR a.wanted = :enabled)"
                    + " AND (CAST(:service AS text) IS NULL"
                    + " OR a.definition->'action'->>'service' = :service"
                    + " OR a.definition @> jsonb_build_object('actions',"
                    + " jsonb_build_array(jsonb_build_object('service', CAST(:service AS text))))"
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
    return withAllHooks(handle, found);
  }

  /**
   * Makes an AREA, and its hooks where it needs some.
   *
   * @throws Problem 409 where the name is taken, 422 where the named hook does not fit
   */
  Area create(Handle handle, UUID owner, Checked checked) {
    boolean suspended = lock(handle, owner);
    List<Hook> hooks = place(handle, owner, suspended, checked, List.of(), null);
    Definition definition = withInputs(checked.definition(), hooks);
    boolean wanted = !Boolean.FALSE.equals(definition.enabled());
    UUID id =
        named(
            () ->
                handle
                    .createQuery(
                        "INSERT INTO areas (owner_id, hook_id, listens, name, definition, plan,"
                            + " wanted, suspended, enabled, created_at, updated_at)"
                            + " VALUES (:owner, :hook, CAST(:listens AS jsonb), :name,"
                            + " CAST(:definition AS jsonb),"
                            + " CAST(:plan AS json), :wanted, :suspended, :enabled, :now, :now)"
                            + " RETURNING id")
                    .bind("owner", owner)
                    .bind("hook", hooks.getFirst().id())
                    .bind("listens", listens(definition, hooks))
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
    List<Hook> listening = place(handle, owner, suspended, checked, before.listened(), id);
    Definition definition = withInputs(checked.definition(), listening);
    Boolean enabled = definition.enabled();
    boolean wanted = enabled == null ? before.wanted() : enabled;
    List<UUID> hooksBefore = before.listened().stream().map(each -> each.hook().id()).toList();
    List<UUID> hooksAfter = listening.stream().map(Hook::id).toList();
    List<UUID> left = new ArrayList<>(homes(before.isOfSeveral(), id, hooksBefore));
    left.removeAll(homes(definition.isOfSeveral(), id, hooksAfter));
    boolean moved = !left.isEmpty();
    named(
        () ->
            handle
                .createUpdate(
                    "UPDATE areas SET hook_id = :hook, listens = CAST(:listens AS jsonb),"
                        + " name = :name,"
                        + " definition = CAST(:definition AS jsonb), plan = CAST(:plan AS json),"
                        + " wanted = :wanted, enabled = :wanted AND NOT suspended,"
                        + " blocked = NULL, paused = NULL,"
                        + " left_hook_id = CASE WHEN :moved THEN CAST(:leftOne AS uuid)"
                        + " ELSE left_hook_id END,"
                        + " left_homes = CASE WHEN :moved THEN CAST(:leftSeveral AS jsonb)"
                        + " ELSE left_homes END,"
                        + " left_version = CASE WHEN :moved THEN version + 1"
                        + " ELSE left_version END,"
                        + " version = version + 1, updated_at = :now WHERE id = :id")
                .bind("hook", hooksAfter.getFirst())
                .bind("listens", listens(definition, listening))
                .bind("leftOne", left.size() == 1 ? left.getFirst() : null)
                .bind("leftSeveral", left.size() > 1 ? Json.tree(left).toString() : null)
                .bind("name", definition.name())
                .bind("definition", definition.toJson().toString())
                .bind("plan", checked.plan().toJson())
                .bind("wanted", wanted)
                .bind("moved", moved)
                .bind("now", now())
                .bind("id", id)
                .execute());
    hooksBefore.stream()
        .filter(hook -> !hooksAfter.contains(hook))
        .forEach(hook -> hooks.release(handle, hook));
    return new Change(before, get(handle, owner, id));
  }

  private static Definition withInputs(Definition definition, List<Hook> hooks) {
    return definition.withInputs(hooks.stream().map(Hook::inputs).toList());
  }

  /** The column {@code listens}. */
  private static @Nullable String listens(Definition definition, List<Hook> hooks) {
    if (!definition.isOfSeveral()) {
      return null;
    }
    var listens = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < hooks.size(); i++) {
      listens
          .addObject()
          .put("hookId", hooks.get(i).id().toString())
          .put("of", definition.actions().get(i).id());
    }
    return listens.toString();
  }

  /** Where the topology has to know of an AREA. */
  private static List<UUID> homes(boolean several, UUID area, List<UUID> hooks) {
    return several ? Stream.concat(Stream.of(area), hooks.stream()).toList() : hooks;
  }

  /** An AREA before and after a change. */
  record Change(Area before, Area after) {

    /** What its owner may not expect of the change, in words. */
    List<String> notices() {
      if (before.rule().isEmpty()) {
        return List.of();
      }
      boolean isOther = !before.rule().equals(after.rule());
      if (!isOther && before.home().equals(after.home())) {
        return List.of();
      }
      String what =
          after.rule().isEmpty()
              ? "The AREA has no rule any more: what it"
              : isOther
                  ? "The rule is another than before and begins anew: what the one before"
                  : "The AREA listens elsewhere, where its rule begins anew: what it";
      return List.of(what + " remembered until now is forgotten, and makes nothing fire.");
    }
  }

  /**
   * Switches an AREA on or off; a new version even where nothing changes.
   *
   * @throws Problem 404
   */
  Area enable(Handle handle, UUID owner, UUID id, boolean wanted) {
    lock(handle, owner);
    handle
        .createUpdate(
            "UPDATE areas SET wanted = :wanted, paused = NULL,"
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
   * Deletes an AREA, and its hooks where no other uses them.
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
    area.listened().forEach(each -> hooks.release(handle, each.hook().id()));
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
                + " updated_at = :now WHERE "
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
    lock(handle, owner);
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

  private static final String USING =
      "areas.owner_id = :owner AND areas.deleted_at IS NULL AND (EXISTS (SELECT 1 FROM hooks h"
          + " WHERE h.id = ANY(area_hooks(areas.hook_id, areas.listens))"
          + " AND h.connection_id = :connection) OR EXISTS (SELECT 1 FROM "
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
   * Switches off the AREAs that only failed for {@link #PATIENCE}, and did so lately. An edit and
   * being enabled begin that time anew.
   */
  public void pauseFailing(Handle handle) {
    handle
        .createUpdate(
            "UPDATE areas SET wanted = false, enabled = false, version = version + 1,"
                + " updated_at = :now, paused = 'Each of its runs failed since '"
                + " || to_char(f.since AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
                + " || ', so it was paused; mend what its runs name, and enable it again.'"
                + " FROM (SELECT a.id, min(r.finished_at) AS since FROM areas a"
                + " JOIN runs r ON r.area_id = a.id AND r.status = 'failed'"
                + " AND r.finished_at > a.updated_at"
                + " WHERE a.enabled AND a.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM runs s"
                + " WHERE s.area_id = a.id AND s.status = 'succeeded'"
                + " AND s.finished_at >= r.finished_at)"
                + " GROUP BY a.id HAVING min(r.finished_at) <= :since"
                + " AND max(r.finished_at) > :lately) f"
                + " WHERE areas.id = f.id")
        .bind("now", now())
        .bind("since", now().minus(PATIENCE))
        .bind("lately", now().minus(LATELY))
        .execute();
  }

  /**
   * Removes the rows of AREAs and hooks whose deletion the topology acknowledged long ago. To be
   * called now and then, in a transaction.
   */
  public void purge(Handle handle) {
    OffsetDateTime before = now().minus(KEPT_AFTER_DELETION);
    handle
        .createUpdate(
            "DELETE FROM areas a WHERE a.deleted_at < :before AND NOT EXISTS"
                + " (SELECT 1 FROM unnest(area_homes(a.id, a.hook_id, a.listens)) k(home)"
                + " WHERE NOT EXISTS (SELECT 1 FROM area_status s WHERE s.area_id = a.id"
                + " AND s.home = k.home AND s.state = 'removed'"
                + " AND s.version >= a.version AND s.at < :before))")
        .bind("before", before)
        .execute();
    for (String told : List.of("area_status", "area_rules")) {
      handle.execute(
          "DELETE FROM "
              + told
              + " s WHERE NOT EXISTS (SELECT 1 FROM areas a WHERE a.id = s.area_id)");
    }
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
   * The hooks that a definition listens to.
   *
   * @param suspended whether new hooks refuse deliveries until their owner is enabled again
   * @param current those that the AREA has; none of a new AREA
   * @param area the AREA; null for a new one
   */
  private List<Hook> place(
      Handle handle,
      UUID owner,
      boolean suspended,
      Checked checked,
      List<Area.Listened> current,
      @Nullable UUID area) {
    List<Listening> actions = checked.listening();
    Map<Listening, Hook> kept = kept(actions, current);
    List<Hook> placed = new ArrayList<>();
    for (Listening action : actions) {
      Hook hook = place(handle, owner, suspended, action, kept.get(action), area);
      for (int i = 0; i < placed.size(); i++) {
        if (placed.get(i).id().equals(hook.id())) {
          throw Problem.invalid(
              action.pointer(),
              "Expected another action, or other inputs, than those of \""
                  + actions.get(i).use().id()
                  + "\": both would listen to the same. The rule's members tell its events apart"
                  + " with \"when\".");
        }
      }
      placed.add(hook);
    }
    return placed;
  }

  /**
   * The hook that each action has already: that of its name, or any of the same action. What a
   * person pasted somewhere stays what it is.
   */
  private static Map<Listening, Hook> kept(List<Listening> actions, List<Area.Listened> current) {
    List<Area.Listened> free = new ArrayList<>(current);
    Map<Listening, Hook> kept = new HashMap<>();
    for (boolean byName : List.of(true, false)) {
      for (Listening action : actions) {
        if (!kept.containsKey(action)) {
          free.stream()
              .filter(each -> each.hook().isOf(action.use().service(), action.use().action()))
              .filter(each -> !byName || each.of().equals(action.use().id()))
              .findFirst()
              .ifPresent(
                  found -> {
                    kept.put(action, found.hook());
                    free.remove(found);
                  });
        }
      }
    }
    return kept;
  }

  /**
   * The hook that an action listens to: the named one, the one that it has already, one shared by
   * clocks or polls of the same inputs, or a new one. One that begins with what there is already is
   * not shared: to others that would be a flood.
   *
   * @param kept the hook that it has; null if it has none
   */
  private Hook place(
      Handle handle,
      UUID owner,
      boolean suspended,
      Listening action,
      @Nullable Hook kept,
      @Nullable UUID area) {
    ActionUse use = action.use();
    if (use.hook() != null) {
      return named(handle, owner, action, use.hook(), area);
    }
    JsonNode inputs = use.givenInputs().orElseGet(() -> JsonNodeFactory.instance.objectNode());
    @Nullable UUID connection = action.connection().orElse(null);
    IntFunction<Hook> made =
        first ->
            hooks.create(
                handle, owner, !suspended, use.service(), use.action(), inputs, connection, first);
    Hook hook =
        switch (action.action().source()) {
          case Webhook _, ActionSource.Both _ ->
              kept == null
                  ? made.apply(0)
                  : connected(handle, withInputs(handle, kept, inputs, action, area), connection);
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
    if (connection != null && action.action().subscription().isPresent()) {
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
   * The inputs that an action would be listened to with: those that it gives, else those of the
   * hook that it names.
   *
   * @throws Problem 422 where the named hook does not fit
   */
  JsonNode inputs(Handle handle, UUID owner, Listening action) {
    ActionUse use = action.use();
    Optional<JsonNode> ofHook =
        Optional.ofNullable(use.hook()).map(id -> fitting(handle, owner, action, id).inputs());
    return use.givenInputs()
        .or(() -> ofHook)
        .orElseGet(() -> JsonNodeFactory.instance.objectNode());
  }

  private Hook named(
      Handle handle, UUID owner, Listening action, UUID hookId, @Nullable UUID area) {
    Hook hook = fitting(handle, owner, action, hookId);
    return action
        .use()
        .givenInputs()
        .map(inputs -> withInputs(handle, hook, inputs, action, area))
        .orElse(hook);
  }

  private Hook fitting(Handle handle, UUID owner, Listening action, UUID hookId) {
    ActionUse use = action.use();
    String pointer = action.pointer() + "/hook";
    Hook hook =
        hooks
            .find(handle, owner, hookId)
            .orElseThrow(() -> Problem.invalid(pointer, "You have no hook of this id."));
    if (!hook.isOf(use.service(), use.action())) {
      throw Problem.invalid(
          pointer, "The hook is one of " + hook.service() + "." + hook.action() + ".");
    }
    return hook;
  }

  private Hook withInputs(
      Handle handle, Hook hook, JsonNode inputs, Listening action, @Nullable UUID area) {
    if (same(hook.inputs(), inputs)) {
      return hook;
    }
    int others = hooks.users(handle, hook.id(), area);
    if (others > 0) {
      throw Problem.invalid(
          action.pointer() + "/inputs",
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
