package dev.areaflow.api.replays;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.http.Json;
import dev.areaflow.schemas.rows.Plan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A replay, as far as is known of it.
 *
 * @param generation of all its events
 * @param hookId the hook of its events; of several the first
 * @param read places of the events' partitions that were read
 * @param of how many there are to read; null where that is not known yet
 * @param sent events written again
 * @param skipped events not written again: what must hold did not
 * @param error why it failed, where it did
 * @param toldAt when it stood so; null where nothing was heard of it yet
 * @param plan what decides which events it writes; null where those of the hook do
 * @param listens the AREA's hooks where they are several, as JSON
 * @param rulesFrom from when on the AREA's rule sees events; null where it has none
 * @param serial whether runs of the AREA go one after the other
 */
record Replay(
    UUID id,
    UUID areaId,
    UUID hookId,
    int generation,
    ReplayRequest request,
    Instant createdAt,
    String status,
    long read,
    @Nullable Long of,
    long sent,
    long skipped,
    @Nullable String error,
    @Nullable Instant toldAt,
    @Nullable String plan,
    @Nullable String listens,
    @Nullable Instant rulesFrom,
    boolean serial) {

  static Replay of(ResultSet row) throws SQLException {
    ReplayRequest request =
        new ReplayRequest(
            time(row, "from_time"),
            time(row, "to_time"),
            texts(Json.readStored(row.getString("event_ids"))),
            Optional.ofNullable(row.getString("condition")),
            row.getBoolean("forced"),
            row.getInt("per_second"));
    return new Replay(
        row.getObject("id", UUID.class),
        row.getObject("area_id", UUID.class),
        row.getObject("hook_id", UUID.class),
        row.getInt("generation"),
        request,
        time(row, "created_at"),
        row.getString("status"),
        row.getLong("read"),
        row.getObject("all_places", Long.class),
        row.getLong("sent"),
        row.getLong("skipped"),
        row.getString("error"),
        timeOrNull(row, "told_at"),
        row.getString("plan"),
        row.getString("listens"),
        timeOrNull(row, "rules_from"),
        row.getBoolean("serial"));
  }

  private static Instant time(ResultSet row, String column) throws SQLException {
    return requireNonNull(timeOrNull(row, column), column);
  }

  private static @Nullable Instant timeOrNull(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  /** Where an AREA is at home. */
  static UUID home(UUID areaId, UUID hookId, @Nullable String listens) {
    return listens == null ? hookId : areaId;
  }

  UUID home() {
    return home(areaId, hookId, listens);
  }

  /** Whether it is of the rule that an AREA has, if it has one. */
  boolean isOfRule(Plan area) {
    if (plan == null) {
      return area.rule() == null;
    }
    Plan asked = Plan.parse(plan);
    return Objects.equals(asked.rule(), area.rule()) && Objects.equals(asked.by(), area.by());
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::textValue).toList();
  }

  boolean isLive() {
    return status.equals("queued") || status.equals("running");
  }

  /** What whoever carries it out must know. */
  Map<String, @Nullable Object> task() {
    Map<String, @Nullable Object> task = new LinkedHashMap<>();
    task.put("replayId", id);
    task.put("areaId", areaId);
    task.put("hookId", hookId);
    task.put("generation", generation);
    putRequest(task);
    if (plan != null) {
      task.put("plan", plan);
      task.put("listens", listens);
      task.put("rulesFrom", rulesFrom);
    }
    if (serial) {
      task.put("serial", true);
    }
    return task;
  }

  private void putRequest(Map<String, @Nullable Object> body) {
    body.put("from", request.from());
    body.put("to", request.to());
    body.put("eventIds", request.eventIds());
    body.put("when", request.when().orElse(null));
    body.put("force", request.force());
    body.put("perSecond", request.perSecond());
  }

  /** As the API shows it. */
  Map<String, @Nullable Object> toJson() {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("id", id);
    body.put("areaId", areaId);
    body.put("generation", generation);
    putRequest(body);
    body.put("status", status);
    body.put("read", read);
    body.put("of", of);
    body.put("sent", sent);
    body.put("skipped", skipped);
    body.put("error", error);
    body.put("createdAt", createdAt);
    body.put("finishedAt", isLive() ? null : toldAt);
    return body;
  }
}
