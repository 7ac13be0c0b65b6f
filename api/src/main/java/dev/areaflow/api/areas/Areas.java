package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.areas.Checked.Listening;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.hooks.Hook;
import dev.areaflow.api.hooks.Hooks;
import dev.areaflow.api.http.Actor;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.http.Problem;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The table of AREAs. Each change counts the version up and is written with everything that the
 * topology needs, in one row: change data capture carries it there, and {@link AreaVersions} keeps
 * it. All changes of one owner happen one after the other. The caller brings the transaction.
 */
public final class Areas {
  private final Hooks hooks;
  private final HookPlacement placement;
  private final ScopeNeeds needs;
  private final Clock clock;

  /**
   * @param needs what AREAs need of the connections that they use
   */
  public Areas(Hooks hooks, ScopeNeeds needs, Clock clock) {
    this.hooks = hooks;
    this.placement = new HookPlacement(hooks);
    this.needs = needs;
    this.clock = clock;
  }

  /** What a list of AREAs is narrowed to. */
  record Filter(Optional<String> text, Optional<String> service, Optional<Boolean> enabled) {}

  Optional<Area> find(Handle handle, UUID owner, UUID id) {
    return find(handle, owner, id, " AND a.deleted_at IS NULL");
  }

  /** An AREA that was deleted and is not purged yet, as it was then. */
  private Optional<Area> findDeleted(Handle handle, UUID owner, UUID id) {
    return find(handle, owner, id, " AND a.deleted_at IS NOT NULL");
  }

  private Optional<Area> find(Handle handle, UUID owner, UUID id, String condition) {
    return handle
        .createQuery(Area.SELECT + condition + " AND a.id = :id")
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
                    + " AND a.deleted_at IS NULL"
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
  Area create(Handle handle, UUID owner, Checked checked, Actor by) {
    boolean suspended = lock(handle, owner);
    List<Hook> hooks = placement.place(handle, owner, suspended, checked, List.of(), null);
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
    AreaVersions.add(handle, List.of(id), AreaVersion.What.CREATED, by);
    return get(handle, owner, id);
  }

  /**
   * Replaces an AREA's definition.
   *
   * @param version the version that the caller knows
   * @throws Problem 404, 412 where it is another one, 409 and 422 as {@link #create}
   */
  Change replace(Handle handle, UUID owner, UUID id, long version, Checked checked, Actor by) {
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
    write(handle, owner, suspended, before, checked);
    AreaVersions.add(handle, List.of(id), AreaVersion.What.CHANGED, by);
    return new Change(before, get(handle, owner, id), false);
  }

  /**
   * Gives an AREA the definition of one of its versions again. One that was deleted is there again,
   * with the hooks that it had, as long as its row is.
   *
   * @param version the version of the definition
   * @param checked that definition
   * @throws Problem 404, 409 and 422 as {@link #create}
   */
  Change restore(Handle handle, UUID owner, UUID id, long version, Checked checked, Actor by) {
    boolean suspended = lock(handle, owner);
    Optional<Area> there = find(handle, owner, id);
    Area before = there.or(() -> findDeleted(handle, owner, id)).orElseThrow(Problem::notFound);
    if (there.isEmpty()) {
      before.listened().forEach(each -> hooks.revive(handle, each.hook().id(), !suspended));
    }
    write(handle, owner, suspended, before, checked);
    AreaVersions.addRestored(handle, id, version, by);
    return new Change(before, get(handle, owner, id), there.isEmpty());
  }

  private void write(Handle handle, UUID owner, boolean suspended, Area before, Checked checked) {
    UUID id = before.id();
    List<Hook> listening =
        placement.place(handle, owner, suspended, checked, before.listened(), id);
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
                        + " wanted = :wanted, suspended = :suspended,"
                        + " enabled = :wanted AND NOT :suspended,"
                        + " blocked = NULL, paused = NULL, deleted_at = NULL,"
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
                .bind("suspended", suspended)
                .bind("moved", moved)
                .bind("now", now())
                .bind("id", id)
                .execute());
    hooksBefore.stream()
        .filter(hook -> !hooksAfter.contains(hook))
        .forEach(hook -> hooks.release(handle, hook));
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

  /**
   * An AREA before and after a change.
   *
   * @param revived whether it was deleted before
   */
  record Change(Area before, Area after, boolean revived) {

    /** What its owner may not expect of the change, in words. */
    List<String> notices() {
      if (before.rule().isEmpty()) {
        return List.of();
      }
      boolean isOther = !before.rule().equals(after.rule());
      if (!isOther && !revived && before.home().equals(after.home())) {
        return List.of();
      }
      String what =
          after.rule().isEmpty()
              ? "The AREA has no rule any more: what it"
              : isOther
                  ? "The rule is another than before and begins anew: what the one before"
                  : revived
                      ? "The AREA was deleted, so that its rule begins anew: what it"
                      : "The AREA listens elsewhere, where its rule begins anew: what it";
      return List.of(what + " remembered until now is forgotten, and makes nothing fire.");
    }
  }

  /**
   * Switches an AREA on or off; a new version even where nothing changes.
   *
   * @throws Problem 404
   */
  Area enable(Handle handle, UUID owner, UUID id, boolean wanted, Actor by) {
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
    Area area = get(handle, owner, id);
    AreaVersions.add(
        handle, List.of(id), wanted ? AreaVersion.What.ENABLED : AreaVersion.What.DISABLED, by);
    return area;
  }

  /**
   * Deletes an AREA, and its hooks where no other uses them.
   *
   * @throws Problem 404
   */
  void delete(Handle handle, UUID owner, UUID id, Actor by) {
    lock(handle, owner);
    Area area = get(handle, owner, id);
    handle
        .createUpdate(
            "UPDATE areas SET deleted_at = :now, updated_at = :now, version = version + 1"
                + " WHERE id = :id")
        .bind("now", now())
        .bind("id", id)
        .execute();
    AreaVersions.add(handle, List.of(id), AreaVersion.What.DELETED, by);
    area.listened().forEach(each -> hooks.release(handle, each.hook().id()));
  }

  /**
   * Makes all AREAs of an owner stop firing, or lets those fire again that shall. Their hooks
   * refuse deliveries meanwhile. To be called in the transaction that disables or enables the user.
   *
   * @param by the admin
   */
  public void suspend(Handle handle, UUID owner, boolean suspended, Actor by) {
    List<UUID> changed =
        handle
            .createQuery(
                "UPDATE areas SET suspended = :suspended,"
                    + " enabled = wanted AND NOT :suspended AND blocked IS NULL,"
                    + " version = version + 1, updated_at = :now"
                    + " WHERE owner_id = :owner AND deleted_at IS NULL"
                    + " AND suspended <> :suspended RETURNING id")
            .bind("suspended", suspended)
            .bind("now", now())
            .bind("owner", owner)
            .mapTo(UUID.class)
            .list();
    AreaVersions.add(
        handle, changed, suspended ? AreaVersion.What.SUSPENDED : AreaVersion.What.RESUMED, by);
    hooks.enable(handle, owner, !suspended);
  }

  /** As {@link HookPlacement#inputs}. */
  JsonNode inputs(Handle handle, UUID owner, Listening action) {
    return placement.inputs(handle, owner, action);
  }

  private Area get(Handle handle, UUID owner, UUID id) {
    return find(handle, owner, id).orElseThrow(Problem::notFound);
  }

  /** Waits for this owner's other changes to end; tells whether the owner is disabled. */
  static boolean lock(Handle handle, UUID owner) {
    return handle
        .createQuery(
            "SELECT disabled_at IS NOT NULL FROM users WHERE id = :owner FOR NO KEY UPDATE")
        .bind("owner", owner)
        .mapTo(Boolean.class)
        .findOne()
        .orElseThrow(Problem::notFound);
  }

  private static <T> T named(Supplier<T> statement) {
    return Database.unlessTaken(
        statement, () -> Problem.conflict("/name", "Another of your AREAs has this name already."));
  }

  private OffsetDateTime now() {
    return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
  }
}
