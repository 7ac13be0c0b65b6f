package dev.areaflow.api.projections;

import dev.areaflow.schemas.avro.PollStatus;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** How polls of each hook go. */
final class PollProjection implements Projection<PollStatus> {

  @Override
  public Topic<PollStatus> topic() {
    return Topics.POLL_STATUS;
  }

  @Override
  public Duration pace() {
    return Duration.ofMillis(500);
  }

  @Override
  public void apply(Handle handle, List<Placed<PollStatus>> batch) {
    Map<UUID, PollStatus> newest = new TreeMap<>();
    for (PollStatus status : Placed.values(batch)) {
      Columns.uuid(topic(), "hookId", status.getHookId())
          .ifPresent(id -> newest.put(id, status)); // a hook's statuses are in one partition
    }
    PreparedBatch forgotten = handle.prepareBatch("DELETE FROM hook_polls WHERE hook_id = :hook");
    PreparedBatch rows =
        handle.prepareBatch(
            "INSERT INTO hook_polls AS p"
                + " (hook_id, last_polled_at, failures, last_failure, next_poll_at, late_item_at)"
                + " VALUES (:hook, :polled, :failures, :failure, :next, :late)"
                + " ON CONFLICT (hook_id) DO UPDATE SET last_polled_at = excluded.last_polled_at,"
                + " failures = excluded.failures, last_failure = excluded.last_failure,"
                + " next_poll_at = excluded.next_poll_at,"
                + " late_item_at = coalesce(excluded.late_item_at, p.late_item_at)");
    newest.forEach(
        (hook, status) ->
            status
                .getLastPolledAt()
                .ifPresentOrElse(
                    polled -> add(rows, hook, status, polled),
                    () -> forgotten.bind("hook", hook).add()));
    for (PreparedBatch changes : List.of(forgotten, rows)) {
      if (changes.size() > 0) {
        changes.execute();
      }
    }
  }

  private static void add(PreparedBatch rows, UUID hook, PollStatus status, Instant polled) {
    rows.bind("hook", hook)
        .bind("polled", polled.atOffset(ZoneOffset.UTC))
        .bind("failures", status.getFailures())
        .bind("failure", status.getLastFailure().map(Columns::text).orElse(null))
        .bind(
            "next", status.getNextPollAt().map(next -> next.atOffset(ZoneOffset.UTC)).orElse(null))
        .bind(
            "late", status.getLateItemAt().map(late -> late.atOffset(ZoneOffset.UTC)).orElse(null))
        .add();
  }
}
