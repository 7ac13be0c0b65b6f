package dev.areaflow.api.replays;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.http.Problem;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The table of replays, and what is asked of them, which change data capture takes to whoever
 * carries them out. Every statement is by owner.
 */
public final class Replays {
  /** Replays of one user that go on at a time. */
  static final int MOST_LIVE = 2;

  /** How long events are kept. */
  static final Duration KEPT = Topics.EVENTS.retention().orElseThrow();

  /** Decisions may be so much later than the arrival of their events. */
  private static final Duration LATE = Duration.ofHours(1);

  private final Database database;
  private final Clock clock;

  public Replays(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * What of an AREA matters here.
   *
   * @param hookId its hook; of several the first
   * @param listens its hooks where they are several, as JSON; null where there is one
   * @param enabled whether it decides on events
   */
  record Subject(UUID id, UUID hookId, Plan plan, @Nullable String listens, boolean enabled) {

    /** Where it decides, and is asked. */
    UUID home() {
      return Replay.home(id, hookId, listens);
    }

    /** Whether what it makes of events is to be found before they are written again. */
    boolean isSimulated() {
      return plan.rule() != null || listens != null;
    }

    /** What is needed for that. */
    @Nullable String simulated() {
      return isSimulated()
          ? new Plan(
                  plan.service(),
                  plan.action(),
                  plan.condition(),
                  plan.rule(),
                  plan.by(),
                  List.of())
              .toJson()
          : null;
    }

    /** From when on its rule sees the events of a range; null where it has none. */
    @Nullable Instant rulesFrom(Instant from) {
      RulePlan rule = plan.rule();
      return rule == null ? null : from.minus(rule.reach());
    }
  }

  Optional<Subject> subject(UUID owner, UUID area) {
    return database.jdbi().withHandle(handle -> subject(handle, owner, area));
  }

  /**
   * An AREA as it is stored, as if it were enabled: what it would do, it may be asked for before.
   */
  Optional<AreaRow> area(UUID owner, UUID area) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT id, owner_id, hook_id, name, plan, version, listens FROM areas"
                            + " WHERE id = :area AND owner_id = :owner AND deleted_at IS NULL")
                    .bind("area", area)
                    .bind("owner", owner)
                    .map(
                        (row, context) ->
                            new AreaRow(
                                row.getString("id"),
                                row.getString("owner_id"),
                                row.getString("hook_id"),
                                row.getString("name"),
                                row.getString("plan"),
                                row.getLong("version"),
                                true,
                                null,
                                null,
                                row.getString("listens"),
                                null))
                    .findOne());
  }

  private static Optional<Subject> subject(Handle handle, UUID owner, UUID area) {
    return handle
        .createQuery(
            "SELECT id, hook_id, plan, listens, enabled"
                + " FROM areas WHERE id = :area AND owner_id = :owner AND deleted_at IS NULL")
        .bind("area", area)
        .bind("owner", owner)
        .map((row, context) -> subject(row))
        .findOne();
  }

  private static Subject subject(ResultSet row) throws SQLException {
    return new Subject(
        row.getObject("id", UUID.class),
        row.getObject("hook_id", UUID.class),
        Plan.parse(row.getString("plan")),
        row.getString("listens"),
        row.getBoolean("enabled"));
  }

  /**
   * Begins a replay.
   *
   * @throws Problem 404 without the AREA, 409 where it cannot be done, with what helps
   */
  Replay start(UUID owner, UUID area, ReplayRequest request) {
    return database
        .jdbi()
        .inTransaction(
            handle -> {
              refuseTooMany(handle, owner);
              Subject subject = requireReplayable(handle, owner, area);
              Replay replay =
                  insert(handle, owner, subject, narrowed(handle, owner, subject, request));
              ask(handle, owner, replay, "replay", replay.task());
              return replay;
            });
  }

  private static Subject requireReplayable(Handle handle, UUID owner, UUID area) {
    Subject subject = subject(handle, owner, area).orElseThrow(Problem::notFound);
    if (!subject.enabled()) {
      throw Problem.conflict("", "The AREA is disabled; enable it first.");
    }
    return subject;
  }

  /** Waits for this owner's other requests to end, so that they count, too. */
  private static void refuseTooMany(Handle handle, UUID owner) {
    handle
        .createQuery("SELECT id FROM users WHERE id = :owner FOR NO KEY UPDATE")
        .bind("owner", owner)
        .mapTo(UUID.class)
        .one();
    int live =
        handle
            .createQuery(
                "SELECT count(*) FROM replays WHERE owner_id = :owner"
                    + " AND status IN ('queued', 'running')")
            .bind("owner", owner)
            .mapTo(Integer.class)
            .one();
    if (live >= MOST_LIVE) {
      throw Problem.conflict(
          "",
          MOST_LIVE
              + " of your replays go on, which is the most; cancel one, or wait until it ends.");
    }
  }

  /** What a replay would read. */
  ReplayRequest narrowed(UUID owner, Subject subject, ReplayRequest request) {
    return database.jdbi().withHandle(handle -> narrowed(handle, owner, subject, request));
  }

  /**
   * Where the run log knows when events came that were asked for by their ids, only that time. A
   * rule may fire long after them.
   */
  private static ReplayRequest narrowed(
      Handle handle, UUID owner, Subject subject, ReplayRequest request) {
    if (request.eventIds().isEmpty() || subject.isSimulated()) {
      return request;
    }
    return handle
        .createQuery(
            "SELECT min(started_at) AS first, max(started_at) AS last FROM runs"
                + " WHERE owner_id = :owner AND hook_id = :hook AND event_id = ANY(:events)"
                + " AND generation = 0 HAVING count(DISTINCT event_id) = :count")
        .bind("owner", owner)
        .bind("hook", subject.hookId())
        .bindArray("events", String.class, request.eventIds().toArray())
        .bind("count", request.eventIds().size())
        .map(
            (row, context) ->
                request.within(
                    later(
                        request.from(),
                        row.getObject("first", OffsetDateTime.class).toInstant().minus(LATE)),
                    row.getObject("last", OffsetDateTime.class).toInstant().plusMillis(1)))
        .findOne()
        .orElse(request);
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private Replay insert(Handle handle, UUID owner, Subject subject, ReplayRequest request) {
    @Nullable Instant rulesFrom = subject.rulesFrom(request.from());
    return handle
        .createQuery(
            "INSERT INTO replays (owner_id, area_id, hook_id, generation, from_time, to_time,"
                + " event_ids, condition, forced, per_second, created_at, plan, listens, rules_from,"
                + " serial)"
                + " SELECT :owner, :area, :hook, 1 + greatest(0,"
                + " (SELECT max(generation) FROM replays WHERE area_id = :area),"
                + " (SELECT max(CAST(body->>'generation' AS integer)) FROM requests"
                + " WHERE kind = 'rerun' AND body->>'areaId' = CAST(:area AS text))),"
                + " :from, :to, CAST(:events AS jsonb), :when, :force, :perSecond, :now,"
                + " CAST(:plan AS jsonb), CAST(:listens AS jsonb), CAST(:rulesFrom AS timestamptz),"
                + " :serial"
                + " RETURNING *")
        .bind("owner", owner)
        .bind("area", subject.id())
        .bind("hook", subject.hookId())
        .bind("from", column(request.from()))
        .bind("to", column(request.to()))
        .bind("events", json(request.eventIds()))
        .bind("when", request.when().orElse(null))
        .bind("force", request.force())
        .bind("perSecond", request.perSecond())
        .bind("now", column(clock.instant()))
        .bind("plan", subject.simulated())
        .bind("listens", subject.listens())
        .bind("rulesFrom", rulesFrom == null ? null : column(rulesFrom))
        .bind("serial", subject.plan().serial() != null)
        .map((row, context) -> Replay.of(row))
        .one();
  }

  /**
   * Asks for the end of a replay.
   *
   * @throws Problem 404 without it, 409 where it has ended
   */
  Replay cancel(UUID owner, UUID id) {
    return database
        .jdbi()
        .inTransaction(
            handle -> {
              Replay replay = locked(handle, owner, id);
              if (!replay.isLive()) {
                throw Problem.conflict("", "It has ended already: it is " + replay.status() + ".");
              }
              ask(handle, owner, replay, "replay-cancel", Map.of("replayId", id));
              return replay;
            });
  }

  /**
   * Lets a replay go on where it stopped.
   *
   * @throws Problem 404 without it, 409 where it cannot go on, with what helps
   */
  Replay resume(UUID owner, UUID id) {
    return database
        .jdbi()
        .inTransaction(
            handle -> {
              Replay replay = locked(handle, owner, id);
              refuseResume(replay);
              refuseTooMany(handle, owner);
              Subject subject = requireReplayable(handle, owner, replay.areaId());
              if (!subject.home().equals(replay.home())) {
                throw Problem.conflict(
                    "",
                    "The AREA listens to another hook by now, where the events did not come;"
                        + " nothing is left to do.");
              }
              if (!replay.isOfRule(subject.plan())) {
                throw Problem.conflict(
                    "",
                    "The AREA has another rule than when the replay was asked for; ask for another"
                        + " replay.");
              }
              ask(handle, owner, replay, "replay-resume", replay.task());
              return handle
                  .createQuery(
                      "UPDATE replays SET status = 'queued', error = NULL WHERE id = :id"
                          + " RETURNING *")
                  .bind("id", id)
                  .map((row, context) -> Replay.of(row))
                  .one();
            });
  }

  private void refuseResume(Replay replay) {
    if (replay.isLive()) {
      throw Problem.conflict("", "It goes on: it is " + replay.status() + ".");
    }
    if (replay.status().equals("finished")) {
      throw Problem.conflict("", "It is finished; ask for another replay of the AREA.");
    }
    if (replay.request().to().isBefore(clock.instant().minus(KEPT))) {
      throw Problem.conflict(
          "", "Its events are not kept any more: they are for " + KEPT.toDays() + " days.");
    }
  }

  private static Replay locked(Handle handle, UUID owner, UUID id) {
    return handle
        .createQuery("SELECT * FROM replays WHERE id = :id AND owner_id = :owner FOR UPDATE")
        .bind("id", id)
        .bind("owner", owner)
        .map((row, context) -> Replay.of(row))
        .findOne()
        .orElseThrow(Problem::notFound);
  }

  private void ask(
      Handle handle, UUID owner, Replay replay, String kind, Map<String, @Nullable Object> body) {
    handle
        .createUpdate(
            "INSERT INTO requests (owner_id, home, kind, body, created_at)"
                + " VALUES (:owner, :home, :kind, CAST(:body AS jsonb), :now)")
        .bind("owner", owner)
        .bind("home", replay.home().toString())
        .bind("kind", kind)
        .bind("body", json(body))
        .bind("now", column(clock.instant()))
        .execute();
  }

  Optional<Replay> find(UUID owner, UUID id) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery("SELECT * FROM replays WHERE id = :id AND owner_id = :owner")
                    .bind("id", id)
                    .bind("owner", owner)
                    .map((row, context) -> Replay.of(row))
                    .findOne());
  }

  /** A page of an owner's replays, newest first. */
  List<Replay> list(UUID owner, Optional<UUID> area, Optional<UUID> after, int limit) {
    Map<String, Object> parameters = new HashMap<>();
    area.ifPresent(of -> parameters.put("area", of));
    after.ifPresent(id -> parameters.put("after", id));
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT * FROM replays WHERE owner_id = :owner"
                            + (area.isPresent() ? " AND area_id = :area" : "")
                            + (after.isPresent() ? " AND id < :after" : "")
                            + " ORDER BY id DESC LIMIT :limit")
                    .bindMap(parameters)
                    .bind("owner", owner)
                    .bind("limit", limit)
                    .map((row, context) -> Replay.of(row))
                    .list());
  }

  private static String json(Object value) {
    return new String(Json.write(value), StandardCharsets.UTF_8);
  }

  private static OffsetDateTime column(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
