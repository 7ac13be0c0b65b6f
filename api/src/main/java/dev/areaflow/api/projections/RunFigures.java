package dev.areaflow.api.projections;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.topics.Topics;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * What the run log adds to the figures by the hour, in the transaction that writes it: each change
 * of a run takes it from where it was counted and counts it where it is now.
 */
final class RunFigures {
  /** What the statement that writes runs returns, so that it can be counted. */
  private static final String RETURNING =
      " RETURNING old.status AS was, old.finished_at AS was_finished_at, new.owner_id,"
          + " new.area_id, new.hook_id, new.started_at, new.generation, new.event_offset,"
          + " new.status, new.finished_at";

  private static final List<String> STATUSES =
      List.of("queued", "running", "succeeded", "failed", "cancelled");

  private static final String PLACED =
      "placed AS (SELECT c.*, date_trunc('hour', c.started_at, 'UTC') AS hour,"
          + " coalesce(k.service, '') AS service FROM changed c"
          + " LEFT JOIN hooks k ON k.id = c.hook_id)";

  private static final String HOURS =
      "hours AS (INSERT INTO run_hours AS h (owner_id, hour, area_id, service, events, matches, "
          + String.join(", ", STATUSES)
          + ") SELECT owner_id, hour, area_id, service,"
          + " count(*) FILTER (WHERE was IS NULL AND generation = 0 AND event_offset >= 0),"
          + " count(*) FILTER (WHERE was IS NULL AND generation = 0), "
          + STATUSES.stream()
              .map(
                  status ->
                      "count(*) FILTER (WHERE status = '%1$s') - count(*) FILTER (WHERE was = '%1$s')"
                          .formatted(status))
              .collect(Collectors.joining(", "))
          + " FROM placed GROUP BY owner_id, hour, area_id, service"
          + " ON CONFLICT (owner_id, hour, area_id, service) DO UPDATE SET "
          + Stream.concat(Stream.of("events", "matches"), STATUSES.stream())
              .map("%1$s = h.%1$s + excluded.%1$s"::formatted)
              .collect(Collectors.joining(", "))
          + ")";

  private static final String LATENCIES =
      "INSERT INTO run_latencies AS l (owner_id, hour, area_id, service, bucket, runs)"
          + " SELECT owner_id, hour, area_id, service, bucket, sum(change) FROM ("
          + ended("status", "finished_at", 1)
          + " UNION ALL "
          + ended("was", "was_finished_at", -1)
          + ") e GROUP BY owner_id, hour, area_id, service, bucket HAVING sum(change) <> 0"
          + " ON CONFLICT (owner_id, hour, area_id, service, bucket)"
          + " DO UPDATE SET runs = l.runs + excluded.runs";

  private static String ended(String status, String finishedAt, int change) {
    return ("SELECT owner_id, hour, area_id, service, latency_bucket(%2$s - started_at) AS bucket,"
            + " %3$d AS change FROM placed WHERE %1$s IN ('succeeded', 'failed')"
            + " AND %2$s IS NOT NULL")
        .formatted(status, finishedAt, change);
  }

  private RunFigures() {}

  /**
   * A statement that writes runs, and counts them.
   *
   * @param writing inserts and updates, without what it returns
   */
  static String counting(String writing) {
    return "WITH changed AS ("
        + writing
        + RETURNING
        + "), "
        + PLACED
        + ", "
        + HOURS
        + " "
        + LATENCIES;
  }

  /** Events of an hour on which an AREA decided without a run. */
  private record Decided(UUID owner, UUID area, UUID hook, Instant hour) {
    /** Empty where an id is none, which is reported. */
    static Optional<Decided> of(RunRecord verdict) {
      Instant hour = verdict.getEventReceivedAt().truncatedTo(ChronoUnit.HOURS);
      return Columns.uuid(Topics.RUNS, "ownerId", verdict.getOwnerId())
          .flatMap(
              owner ->
                  Columns.uuid(Topics.RUNS, "areaId", verdict.getAreaId())
                      .flatMap(
                          area ->
                              Columns.uuid(Topics.RUNS, "hookId", verdict.getHookId())
                                  .map(hook -> new Decided(owner, area, hook, hour))));
    }
  }

  /**
   * Counts the events of a batch that made no run.
   *
   * @param records of runs, which are not looked at, and verdicts
   */
  static void add(Handle handle, Collection<RunRecord> records) {
    Map<Decided, Long> counts = new HashMap<>();
    records.stream()
        .filter(RunFigures::isEvent)
        .flatMap(verdict -> Decided.of(verdict).stream())
        .forEach(decided -> counts.merge(decided, 1L, Long::sum));
    if (counts.isEmpty()) {
      return;
    }
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    counts.forEach(
        (decided, events) ->
            rows.addObject()
                .put("owner_id", decided.owner().toString())
                .put("area_id", decided.area().toString())
                .put("hook_id", decided.hook().toString())
                .put("hour", decided.hour().toString())
                .put("events", events));
    handle
        .createUpdate(
            "INSERT INTO run_hours AS h (owner_id, hour, area_id, service, events, matches, "
                + String.join(", ", STATUSES)
                + ") SELECT r.owner_id, r.hour, r.area_id, coalesce(k.service, ''), sum(r.events),"
                + " 0, 0, 0, 0, 0, 0 FROM json_to_recordset(CAST(:rows AS json)) AS r"
                + " (owner_id uuid, hour timestamptz, area_id uuid, hook_id uuid, events bigint)"
                + " LEFT JOIN hooks k ON k.id = r.hook_id GROUP BY 1, 2, 3, 4"
                + " ON CONFLICT (owner_id, hour, area_id, service)"
                + " DO UPDATE SET events = h.events + excluded.events")
        .bind("rows", rows.toString())
        .execute();
  }

  /** A repeated delivery is no event more, nor is one that is run again. */
  private static boolean isEvent(RunRecord verdict) {
    return verdict.getGeneration() == 0
        && switch (verdict.getStatus()) {
          case FILTERED, ERROR, KEPT, DROPPED -> true;
          case DUPLICATE, UNKNOWN, QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED -> false;
        };
  }
}
