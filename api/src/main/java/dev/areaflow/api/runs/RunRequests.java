package dev.areaflow.api.runs;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Problem;
import dev.areaflow.schemas.runs.RunId;
import dev.areaflow.schemas.topics.Topics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * What people ask of their runs: rows of a table that change data capture takes to whoever does it.
 * Every statement is by owner.
 */
public final class RunRequests {
  /** Runs that one request may be about. */
  static final int MOST_AT_ONCE = 10_000;

  /** Runs that one user may ask for within an hour. */
  static final int MOST_AN_HOUR = 100_000;

  /** For so long the topology keeps runs that failed or were cancelled. */
  static final Duration RETRIED_WITHIN = Duration.ofDays(7);

  /**
   * For so long requests are kept. The generation of a run is one more than the last that was asked
   * for: it may begin anew when the events of the last are gone.
   */
  private static final Duration KEPT = Topics.EVENTS.retention().orElseThrow().plusDays(7);

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration TRY_LATER = Duration.ofMinutes(10);

  private final Database database;
  private final Clock clock;
  private final int mostAtOnce;

  public RunRequests(Database database, Clock clock) {
    this(database, clock, MOST_AT_ONCE);
  }

  /**
   * @param mostAtOnce runs that one request may be about
   */
  RunRequests(Database database, Clock clock, int mostAtOnce) {
    this.database = database;
    this.clock = clock;
    this.mostAtOnce = mostAtOnce;
  }

  /**
   * What became of a request.
   *
   * @param runs how many runs it is about
   * @param id of one of the rows; empty where there is none
   * @param last the newest of the runs; empty where there is none
   */
  private record Written(int runs, Optional<UUID> id, Optional<RunId> last) {}

  /**
   * What was asked of many runs.
   *
   * @param runs how many
   * @param next after which run to go on; empty where nothing is left
   */
  record Asked(int runs, Optional<RunId> next) {}

  /**
   * Looks whether the run is one of which it can be done.
   *
   * @throws Problem 409 where it is not, with what helps
   */
  void refuse(RunRequestKind kind, Run run) {
    kind.refuse(run, clock.instant());
  }

  /**
   * Asks for something of one run, which was not {@linkplain #refuse refused}.
   *
   * @return the id of the request
   * @throws Problem 409 where it cannot be done, 429 where too much was asked for
   */
  UUID ask(UUID owner, RunRequestKind kind, Run run) {
    RunId id = new RunId(run.id());
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("startedAt", column(id.startedAt()));
    parameters.put("id", id.value());
    return database
        .jdbi()
        .inTransaction(
            handle -> {
              refuseTooMany(handle, owner);
              if (kind == RunRequestKind.RERUN) {
                refuseRerun(handle, owner, run);
              }
              return write(
                      handle,
                      owner,
                      kind,
                      " AND r.started_at = :startedAt AND r.id = :id",
                      parameters,
                      1)
                  .id();
            })
        .orElseThrow(() -> Problem.conflict("", "The run changed meanwhile; look at it again."));
  }

  /**
   * Asks for something of all runs of a selection of which it can be done, the oldest first, as
   * many as one request may be about.
   *
   * @param after the run after which to begin, as {@link Asked#next} said
   * @throws Problem 429 where too much was asked for
   */
  Asked askAll(UUID owner, RunRequestKind kind, RunSelection selection, Optional<RunId> after) {
    return database
        .jdbi()
        .inTransaction(
            handle -> {
              refuseTooMany(handle, owner);
              Written written =
                  write(
                      handle,
                      owner,
                      kind,
                      selection.sql(after) + kind.manyEligible(),
                      selection.parameters(after),
                      mostAtOnce);
              boolean more =
                  written.runs() == mostAtOnce
                      && exists(handle, owner, kind, selection, written.last());
              return new Asked(written.runs(), more ? written.last() : Optional.empty());
            });
  }

  /** Removes what was asked for so long ago that it is not kept; to be called now and then. */
  public void forgetOld() {
    Instant before = clock.instant().minus(KEPT);
    database.forget("requests", "created_at", before);
    database.forget("replays", "created_at", before);
  }

  private Written write(
      Handle handle,
      UUID owner,
      RunRequestKind kind,
      String selected,
      Map<String, Object> parameters,
      int limit) {
    return handle
        .createQuery(
            "WITH chosen AS MATERIALIZED (SELECT r.id, r.started_at, "
                + kind.home()
                + " AS home, "
                + kind.body()
                + " AS body FROM "
                + kind.eligible()
                + selected
                + " ORDER BY r.started_at, r.id LIMIT :limit),"
                + " asked AS (INSERT INTO requests (owner_id, home, kind, body, created_at)"
                + " SELECT :owner, home, :kind, body, :now FROM chosen RETURNING id)"
                + " SELECT (SELECT count(*) FROM asked) AS runs,"
                + " (SELECT id FROM asked LIMIT 1) AS request, c.id AS last"
                + " FROM chosen c ORDER BY c.started_at DESC, c.id DESC LIMIT 1")
        .bindMap(parameters)
        .bindMap(times())
        .bind("owner", owner)
        .bind("kind", kind.text())
        .bind("now", column(clock.instant()))
        .bind("limit", limit)
        .map(
            (row, context) ->
                new Written(
                    row.getInt("runs"),
                    Optional.of(row.getObject("request", UUID.class)),
                    Optional.of(new RunId(row.getObject("last", UUID.class)))))
        .findOne()
        .orElse(new Written(0, Optional.empty(), Optional.empty()));
  }

  private boolean exists(
      Handle handle,
      UUID owner,
      RunRequestKind kind,
      RunSelection selection,
      Optional<RunId> after) {
    return handle
        .createQuery(
            "SELECT EXISTS (SELECT 1 FROM "
                + kind.eligible()
                + selection.sql(after)
                + kind.manyEligible()
                + ")")
        .bindMap(selection.parameters(after))
        .bindMap(times())
        .bind("owner", owner)
        .mapTo(Boolean.class)
        .one();
  }

  /** The times by which runs can be acted upon. */
  private Map<String, Object> times() {
    Instant now = clock.instant();
    return Map.of(
        "retriedSince", column(now.minus(RETRIED_WITHIN)),
        "keptSince", column(now.minus(Topics.EVENTS.retention().orElseThrow())));
  }

  private void refuseTooMany(Handle handle, UUID owner) {
    int lately =
        handle
            .createQuery(
                "SELECT count(*) FROM requests WHERE owner_id = :owner AND created_at > :since")
            .bind("owner", owner)
            .bind("since", column(clock.instant().minus(HOUR)))
            .mapTo(Integer.class)
            .one();
    if (lately >= MOST_AN_HOUR) {
      throw Problem.tooMany(
          "You asked for "
              + lately
              + " things within an hour, and there may be "
              + MOST_AN_HOUR
              + "; wait until they are done.",
          TRY_LATER);
    }
  }

  /** The AREA as it is now decides on the event, if it would hear of it at all. */
  private static void refuseRerun(Handle handle, UUID owner, Run run) {
    String objection =
        handle
            .createQuery(
                "SELECT CASE WHEN deleted_at IS NOT NULL THEN 'Its AREA is deleted.'"
                    + " WHEN plan->>'rule' IS NOT NULL THEN 'Its AREA has a rule, which collects"
                    + " events: one of them makes no run. Take the rule away to run events"
                    + " again.' WHEN NOT enabled THEN 'Its AREA is disabled; enable it first.'"
                    + " WHEN NOT :hook = ANY(area_hooks(hook_id, listens)) THEN 'Its AREA listens to another hook by now, where"
                    + " the event did not come.' ELSE '' END"
                    + " FROM areas WHERE id = :area AND owner_id = :owner")
            .bind("hook", run.hookId())
            .bind("area", run.areaId())
            .bind("owner", owner)
            .mapTo(String.class)
            .findOne()
            .orElse("Its AREA is deleted.");
    if (!objection.isEmpty()) {
      throw Problem.conflict("", objection);
    }
  }

  static OffsetDateTime column(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
