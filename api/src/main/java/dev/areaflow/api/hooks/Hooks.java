package dev.areaflow.api.hooks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.http.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The table of hooks. Every statement is by owner, and changes count the version up, as change data
 * capture needs it. The caller brings the transaction.
 */
public final class Hooks {
  private static final Duration OLD_SECRET_STAYS = Duration.ofHours(24);

  /** Every delivery may be checked against each of them. */
  private static final int MOST_SECRETS = 8;

  /** Of an AREA: whether it listens to the hook. */
  private static final String LISTENS =
      "area_hooks(hook_id, listens) @> ARRAY[CAST(:hook AS uuid)]";

  private final Clock clock;

  public Hooks(Clock clock) {
    this.clock = clock;
  }

  /** A hook that exists and is this owner's. */
  public Optional<Hook> find(Handle handle, UUID owner, UUID id) {
    return handle
        .createQuery(
            "SELECT "
                + Hook.COLUMNS
                + " FROM hooks h WHERE h.id = :id AND h.owner_id = :owner AND h.deleted_at IS NULL")
        .bind("id", id)
        .bind("owner", owner)
        .map((row, context) -> Hook.of(row))
        .findOne();
  }

  /** The hook of this owner that subscribes to just this, from now on. */
  public Optional<Hook> findSame(
      Handle handle,
      UUID owner,
      String service,
      String action,
      JsonNode inputs,
      @Nullable UUID connection) {
    return handle
        .createQuery(
            "SELECT "
                + Hook.COLUMNS
                + " FROM hooks h WHERE h.owner_id = :owner AND h.deleted_at IS NULL"
                + " AND h.connection_id IS NOT DISTINCT FROM :connection"
                + " AND h.service = :service AND h.action = :action"
                + " AND h.inputs = CAST(:inputs AS jsonb) AND h.first_items = 0 ORDER BY h.id LIMIT 1")
        .bind("owner", owner)
        .bind("service", service)
        .bind("action", action)
        .bind("inputs", inputs.toString())
        .bind("connection", connection)
        .map((row, context) -> Hook.of(row))
        .findOne();
  }

  /**
   * Makes a hook.
   *
   * @param enabled whether it accepts deliveries
   * @param firstItems how many of the items that its first poll finds become events
   */
  public Hook create(
      Handle handle,
      UUID owner,
      boolean enabled,
      String service,
      String action,
      JsonNode inputs,
      @Nullable UUID connection,
      int firstItems) {
    return handle
        .createQuery(
            "INSERT INTO hooks AS h (owner_id, service, action, inputs, connection_id, first_items,"
                + " enabled, created_at, updated_at)"
                + " VALUES (:owner, :service, :action, CAST(:inputs AS jsonb), :connection,"
                + " :first, :enabled, :now, :now)"
                + " RETURNING "
                + Hook.COLUMNS)
        .bind("owner", owner)
        .bind("service", service)
        .bind("action", action)
        .bind("inputs", inputs.toString())
        .bind("connection", connection)
        .bind("first", firstItems)
        .bind("enabled", enabled)
        .bind("now", now())
        .map((row, context) -> Hook.of(row))
        .one();
  }

  /**
   * Gives a hook other inputs; its id, URL and secret stay. A webhook that was set up for it was
   * for those before.
   */
  public Hook change(Handle handle, Hook hook, JsonNode inputs) {
    handle
        .createUpdate(
            "UPDATE hooks SET inputs = CAST(:inputs AS jsonb), subscribed = false,"
                + " version = version + 1,"
                + " updated_at = :now WHERE id = :id")
        .bind("inputs", inputs.toString())
        .bind("now", now())
        .bind("id", hook.id())
        .execute();
    return hook.withInputs(inputs);
  }

  /** Notes that its webhook is to be set up at the service, if that is not noted yet. */
  public void subscribe(Handle handle, Hook hook) {
    handle
        .createUpdate(
            "INSERT INTO subscriptions (hook_id, inputs, connection_id, secret_generation, status,"
                + " next_at, updated_at) VALUES (:hook, CAST(:inputs AS jsonb), :connection,"
                + " :generation, 'pending', :now, :now) ON CONFLICT DO NOTHING")
        .bind("hook", hook.id())
        .bind("inputs", hook.inputs().toString())
        .bind("connection", hook.connectionId())
        .bind("generation", hook.secretGeneration())
        .bind("now", now())
        .execute();
  }

  /** Notes whether its webhook is set up, which says how often it is polled. */
  public void subscribed(Handle handle, UUID hook, boolean subscribed) {
    handle
        .createUpdate(
            "UPDATE hooks SET subscribed = :subscribed, version = version + 1"
                + " WHERE id = :id AND deleted_at IS NULL AND subscribed <> :subscribed")
        .bind("subscribed", subscribed)
        .bind("id", hook)
        .execute();
  }

  /** Lets a hook listen with another account. */
  public Hook connect(Handle handle, Hook hook, @Nullable UUID connection) {
    return handle
        .createQuery(
            "UPDATE hooks h SET connection_id = :connection, subscribed = false,"
                + " version = version + 1,"
                + " updated_at = :now WHERE id = :id RETURNING "
                + Hook.COLUMNS)
        .bind("connection", connection)
        .bind("now", now())
        .bind("id", hook.id())
        .map((row, context) -> Hook.of(row))
        .one();
  }

  /**
   * Counts up the versions of the hooks that listen with an account whose credentials were mended:
   * those that wait after failures are polled at once, and webhooks are looked for again.
   */
  public void mended(Handle handle, UUID owner, UUID connection) {
    handle
        .createUpdate(
            "UPDATE hooks SET version = version + 1, updated_at = :now"
                + " WHERE owner_id = :owner AND connection_id = :connection"
                + " AND deleted_at IS NULL")
        .bind("now", now())
        .bind("owner", owner)
        .bind("connection", connection)
        .execute();
  }

  /**
   * How many AREAs use a hook.
   *
   * @param butThis an AREA that is not counted; null to count all
   */
  public int users(Handle handle, UUID hook, @Nullable UUID butThis) {
    return handle
        .createQuery(
            "SELECT count(*) FROM areas WHERE "
                + LISTENS
                + " AND deleted_at IS NULL"
                + " AND id IS DISTINCT FROM :butThis")
        .bind("hook", hook)
        .bind("butThis", butThis)
        .mapTo(Integer.class)
        .one();
  }

  /** Deletes a hook if no AREA uses it any more. */
  public void release(Handle handle, UUID hook) {
    handle
        .createUpdate(
            "UPDATE hooks SET deleted_at = :now, updated_at = :now, version = version + 1"
                + " WHERE id = :hook AND deleted_at IS NULL AND NOT EXISTS"
                + " (SELECT 1 FROM areas WHERE "
                + LISTENS
                + " AND deleted_at IS NULL)")
        .bind("now", now())
        .bind("hook", hook)
        .execute();
  }

  /**
   * Lets a hook that was deleted be there again, with its id, URL and secret. One that is there
   * stays as it is.
   *
   * @param enabled whether it accepts deliveries
   */
  public void revive(Handle handle, UUID hook, boolean enabled) {
    handle
        .createUpdate(
            "UPDATE hooks SET deleted_at = NULL, enabled = :enabled, subscribed = false,"
                + " version = version + 1, updated_at = :now"
                + " WHERE id = :hook AND deleted_at IS NOT NULL")
        .bind("enabled", enabled)
        .bind("now", now())
        .bind("hook", hook)
        .execute();
  }

  /** Makes every hook of an owner accept, or refuse, deliveries. */
  public void enable(Handle handle, UUID owner, boolean enabled) {
    handle
        .createUpdate(
            "UPDATE hooks SET enabled = :enabled, updated_at = :now, version = version + 1"
                + " WHERE owner_id = :owner AND deleted_at IS NULL AND enabled <> :enabled")
        .bind("enabled", enabled)
        .bind("now", now())
        .bind("owner", owner)
        .execute();
  }

  /**
   * Puts the next signing secret in force; the one before stays valid for 24 hours, as those before
   * it do from when they were replaced. Empty where the hook was deleted meanwhile.
   *
   * @throws Problem 429 where as many secrets as there may be are in force
   */
  Optional<Renewed> renewSecret(Handle handle, Hook hook) {
    return handle
        .createQuery(
            "SELECT previous_secrets_until FROM hooks WHERE id = :id AND deleted_at IS NULL"
                + " FOR NO KEY UPDATE")
        .bind("id", hook.id())
        .mapTo(String.class)
        .findOne()
        .map(before -> renewSecret(handle, hook, inForce(before)));
  }

  /** The times that are to come, the latest first. */
  private List<Instant> inForce(String times) {
    List<Instant> inForce = new ArrayList<>();
    for (JsonNode time : Json.readStored(times)) {
      Instant until = Instant.parse(time.asText());
      if (until.isAfter(clock.instant())) {
        inForce.add(until);
      }
    }
    return inForce;
  }

  private Renewed renewSecret(Handle handle, Hook hook, List<Instant> inForce) {
    if (1 + inForce.size() >= MOST_SECRETS) {
      Instant freed = inForce.getLast();
      throw Problem.tooMany(
          MOST_SECRETS
              + " secrets of this hook are in force, since each that is replaced stays valid for"
              + " 24 hours. The oldest ends at "
              + freed
              + "; renew again after that, or make a new hook.",
          Duration.between(clock.instant(), freed));
    }
    Instant until = clock.instant().truncatedTo(ChronoUnit.MILLIS).plus(OLD_SECRET_STAYS);
    List<String> times = new ArrayList<>(List.of(until.toString()));
    inForce.forEach(time -> times.add(time.toString()));
    return handle
        .createQuery(
            "UPDATE hooks h SET secret_generation = secret_generation + 1,"
                + " previous_secret_until = :until, previous_secrets_until = CAST(:all AS jsonb),"
                + " updated_at = :now, version = version + 1 WHERE id = :id RETURNING "
                + Hook.COLUMNS)
        .bind("until", until.atOffset(ZoneOffset.UTC))
        .bind("all", Json.tree(times).toString())
        .bind("now", now())
        .bind("id", hook.id())
        .map((row, context) -> new Renewed(Hook.of(row), until))
        .one();
  }

  /**
   * A hook whose secret was renewed.
   *
   * @param previousValidUntil until when the secret before is valid too
   */
  record Renewed(Hook hook, Instant previousValidUntil) {}

  /**
   * Removes the rows of hooks that were deleted before a time and that no AREA, deleted or not,
   * names any more.
   */
  public void purge(Handle handle, Instant before) {
    handle
        .createUpdate(
            "DELETE FROM hooks h WHERE h.deleted_at < :before"
                + " AND NOT EXISTS (SELECT 1 FROM areas a"
                + " WHERE area_hooks(a.hook_id, a.listens) @> ARRAY[h.id])")
        .bind("before", before.atOffset(ZoneOffset.UTC))
        .execute();
    for (String counts : List.of("hook_activity", "hook_refusals", "hook_polls")) {
      handle.execute(
          "DELETE FROM "
              + counts
              + " c WHERE NOT EXISTS (SELECT 1 FROM hooks h WHERE h.id = c.hook_id)");
    }
  }

  /** Whether a hook is this owner's, or was until it was deleted lately. */
  public boolean isEverOf(Handle handle, UUID owner, UUID id) {
    return handle
        .createQuery("SELECT EXISTS (SELECT FROM hooks WHERE id = :id AND owner_id = :owner)")
        .bind("id", id)
        .bind("owner", owner)
        .mapTo(Boolean.class)
        .one();
  }

  /** The ids of all hooks of an owner, those deleted lately included. */
  public List<UUID> everOf(Handle handle, UUID owner) {
    return handle
        .createQuery("SELECT id FROM hooks WHERE owner_id = :owner")
        .bind("owner", owner)
        .mapTo(UUID.class)
        .list();
  }

  /** The ids of the AREAs that listen to a hook, those deleted lately included. */
  public List<UUID> areasEverOf(Handle handle, UUID owner, UUID hook) {
    return handle
        .createQuery("SELECT id FROM areas WHERE owner_id = :owner AND " + LISTENS)
        .bind("owner", owner)
        .bind("hook", hook)
        .mapTo(UUID.class)
        .list();
  }

  /** A page of an owner's hooks with what was delivered to them, newest first. */
  List<Delivered> list(Handle handle, UUID owner, Optional<UUID> after, int limit) {
    return handle
        .createQuery(
            DELIVERED
                + " WHERE h.owner_id = :owner AND h.deleted_at IS NULL"
                + " AND (CAST(:after AS uuid) IS NULL OR h.id < :after)"
                + " ORDER BY h.id DESC LIMIT :limit")
        .bind("owner", owner)
        .bind("after", after.orElse(null))
        .bind("limit", limit)
        .map((row, context) -> Delivered.of(row))
        .list();
  }

  /** Some hooks of an owner for one action, those first to which something was delivered last. */
  public List<Delivered> ofAction(
      Handle handle, UUID owner, String service, String action, int most) {
    return handle
        .createQuery(
            DELIVERED
                + " WHERE h.owner_id = :owner AND h.service = :service AND h.action = :action"
                + " AND h.deleted_at IS NULL"
                + " ORDER BY a.last_delivery_at DESC NULLS LAST, h.id LIMIT :limit")
        .bind("owner", owner)
        .bind("service", service)
        .bind("action", action)
        .bind("limit", most)
        .map((row, context) -> Delivered.of(row))
        .list();
  }

  /** One hook with what was delivered to it. */
  Optional<Delivered> findDelivered(Handle handle, UUID owner, UUID id) {
    return handle
        .createQuery(
            DELIVERED + " WHERE h.owner_id = :owner AND h.id = :id AND h.deleted_at IS NULL")
        .bind("owner", owner)
        .bind("id", id)
        .map((row, context) -> Delivered.of(row))
        .findOne();
  }

  private static final String DELIVERED =
      "SELECT "
          + Hook.COLUMNS
          + ", "
          + Polling.COLUMNS
          + ", "
          + Subscribed.COLUMNS
          + ", a.last_delivery_at, coalesce(a.accepted, 0) AS accepted,"
          + " coalesce(a.ignored, 0) AS ignored,"
          + " coalesce((SELECT json_object_agg(r.reason, r.refused ORDER BY r.reason)"
          + " FROM hook_refusals r WHERE r.hook_id = h.id), '{}') AS refused"
          + " FROM hooks h LEFT JOIN hook_activity a ON a.hook_id = h.id"
          + " LEFT JOIN hook_polls p ON p.hook_id = h.id"
          + " LEFT JOIN subscriptions b ON b.hook_id = h.id";

  private OffsetDateTime now() {
    return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
  }
}
