package dev.areaflow.api.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One run of the log.
 *
 * @param eventPartition where the event is, in the topic of events
 * @param eventOffset where it is in its partition; negative where no event made it
 * @param generation 0 for what came in; counts how often its event was run again
 * @param replayId the replay of many events that it is of; null where it is of none
 * @param detail why, where there is more to say than the status
 * @param finishedAt null while it runs
 * @param events those that a rule collected, as the API shows them
 * @param steps as the API shows them
 */
public record Run(
    UUID id,
    Instant startedAt,
    UUID areaId,
    long areaVersion,
    UUID hookId,
    String eventId,
    int eventPartition,
    long eventOffset,
    int generation,
    @Nullable UUID replayId,
    String status,
    @Nullable String detail,
    @Nullable Instant finishedAt,
    JsonNode events,
    JsonNode steps) {

  /** Whether an event made it, and not that none came. */
  boolean hasEvent() {
    return eventOffset >= 0;
  }

  static Run of(ResultSet row) throws SQLException {
    OffsetDateTime finishedAt = row.getObject("finished_at", OffsetDateTime.class);
    return new Run(
        row.getObject("id", UUID.class),
        row.getObject("started_at", OffsetDateTime.class).toInstant(),
        row.getObject("area_id", UUID.class),
        row.getLong("area_version"),
        row.getObject("hook_id", UUID.class),
        row.getString("event_id"),
        row.getInt("event_partition"),
        row.getLong("event_offset"),
        row.getInt("generation"),
        row.getObject("replay_id", UUID.class),
        row.getString("status"),
        row.getString("detail"),
        finishedAt == null ? null : finishedAt.toInstant(),
        Json.readStored(row.getString("events")),
        Json.readStored(row.getString("steps")));
  }
}
