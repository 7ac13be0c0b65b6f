package dev.areaflow.api.runs;

import dev.areaflow.api.http.Problem;
import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What can be asked of a run: to end it, to go on where it failed, or to decide on its event anew.
 */
enum RunRequestKind {
  CANCEL("r.status IN ('queued', 'running')"),
  RETRY("r.status IN ('failed', 'cancelled') AND r.finished_at >= :retriedSince"),
  RERUN(
      "r.event_offset >= 0 AND r.started_at >= :keptSince AND a.deleted_at IS NULL AND a.enabled"
          + " AND a.plan->>'rule' IS NULL AND r.hook_id = ANY(area_hooks(a.hook_id, a.listens))");

  private static final String SAME_EVENT =
      "o.owner_id = r.owner_id AND o.event_id = r.event_id AND o.hook_id = r.hook_id"
          + " AND o.area_id = r.area_id";

  private final String condition;

  RunRequestKind(String condition) {
    this.condition = condition;
  }

  /** As it stands in JSON and in the table. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<RunRequestKind> of(String text) {
    return Arrays.stream(values()).filter(kind -> kind.text().equals(text)).findFirst();
  }

  static List<String> texts() {
    return Arrays.stream(values()).map(RunRequestKind::text).toList();
  }

  /** The owner's runs r of which it can be done, and their AREAs a where those matter, in SQL. */
  String eligible() {
    return (this == RERUN
            ? "runs r JOIN areas a ON a.id = r.area_id AND a.owner_id = r.owner_id"
            : "runs r")
        + " WHERE r.owner_id = :owner AND "
        + condition;
  }

  /** Of several runs of one event the newest alone is run again, or the event would be twice. */
  String manyEligible() {
    return this == RERUN
        ? " AND NOT EXISTS (SELECT 1 FROM runs o WHERE "
            + SAME_EVENT
            + " AND o.generation > r.generation)"
        : "";
  }

  /** The home that hears of it, in SQL. */
  String home() {
    return this == RERUN ? "CAST(r.hook_id AS text)" : "coalesce(r.home, CAST(r.hook_id AS text))";
  }

  /** The request's details, in SQL. */
  String body() {
    return switch (this) {
      case CANCEL, RETRY -> "jsonb_build_object('runId', r.id)";
      case RERUN ->
          "jsonb_build_object('runId', r.id, 'areaId', r.area_id, 'hookId', r.hook_id,"
              + " 'partition', r.event_partition, 'offset', r.event_offset,"
              + " 'eventId', r.event_id, 'generation', 1 + greatest(r.generation,"
              + " (SELECT max(o.generation) FROM runs o WHERE "
              + SAME_EVENT
              + "), (SELECT max(CAST(q.body->>'generation' AS integer)) FROM requests q"
              + " WHERE q.kind = 'rerun' AND q.owner_id = r.owner_id"
              + " AND q.body->>'eventId' = r.event_id"
              + " AND q.body->>'areaId' = CAST(r.area_id AS text)"
              + " AND q.body->>'hookId' = CAST(r.hook_id AS text)),"
              + " (SELECT max(p.generation) FROM replays p WHERE p.area_id = r.area_id)))";
    };
  }

  /**
   * Whether the run is one of which it can be done.
   *
   * @throws Problem 409 where it is not, with what helps
   */
  void refuse(Run run, Instant now) {
    switch (this) {
      case CANCEL -> refuseCancel(run);
      case RETRY -> refuseRetry(run, now);
      case RERUN -> refuseRerun(run, now);
    }
  }

  private static void refuseCancel(Run run) {
    switch (run.status()) {
      case "queued", "running" -> {}
      default -> throw conflict("The run has ended already: it is " + run.status() + ".");
    }
  }

  private static void refuseRetry(Run run, Instant now) {
    switch (run.status()) {
      case "failed", "cancelled" -> {}
      default ->
          throw conflict(
              "Only runs that failed or were cancelled are retried, and this one is "
                  + run.status()
                  + ".");
    }
    Instant finishedAt = run.finishedAt();
    if (finishedAt == null || isOlder(finishedAt, RunRequests.RETRIED_WITHIN, now)) {
      throw conflict(
          "Runs are kept for 7 days to be retried, and this one ended at "
              + finishedAt
              + ". Re-run it: it begins anew, with the AREA as it is now.");
    }
  }

  private static void refuseRerun(Run run, Instant now) {
    if (!run.hasEvent()) {
      throw conflict("That no event came made this run: there is nothing to begin it with.");
    }
    Duration kept = Topics.EVENTS.retention().orElseThrow();
    if (isOlder(run.startedAt(), kept, now)) {
      throw conflict(
          "Events are kept for "
              + kept.toDays()
              + " days, and that of this run came at "
              + run.startedAt()
              + ".");
    }
  }

  private static boolean isOlder(Instant time, Duration than, Instant now) {
    return time.isBefore(now.minus(than));
  }

  private static Problem conflict(String detail) {
    return Problem.conflict("", detail);
  }
}
