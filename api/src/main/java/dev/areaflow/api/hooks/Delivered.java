package dev.areaflow.api.hooks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A hook, what was delivered to it, how its polls go, and how far its webhook is set up.
 *
 * @param lastDeliveryAt null where there was none yet
 * @param refused counts by reason
 * @param polling null where it was not polled yet
 * @param subscription null where the platform does not set its webhook up
 */
public record Delivered(
    Hook hook,
    @Nullable Instant lastDeliveryAt,
    long accepted,
    long ignored,
    JsonNode refused,
    @Nullable Polling polling,
    @Nullable Subscribed subscription) {

  static Delivered of(ResultSet row) throws SQLException {
    OffsetDateTime last = row.getObject("last_delivery_at", OffsetDateTime.class);
    return new Delivered(
        Hook.of(row),
        last == null ? null : last.toInstant(),
        row.getLong("accepted"),
        row.getLong("ignored"),
        Json.readStored(row.getString("refused")),
        Polling.of(row),
        Subscribed.of(row));
  }
}
