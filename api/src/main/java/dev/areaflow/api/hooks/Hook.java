package dev.areaflow.api.hooks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One subscription to one action.
 *
 * @param inputs the action's inputs, a JSON object; not to be changed
 * @param secretGeneration which signing secret is in force, from 1
 * @param connectionId the account that it listens with; null where it needs none
 * @param firstItems how many of the items that its first poll finds become events
 */
public record Hook(
    UUID id,
    UUID ownerId,
    String service,
    String action,
    JsonNode inputs,
    int secretGeneration,
    @Nullable UUID connectionId,
    int firstItems,
    Instant createdAt) {
  /** The columns that {@link #of} reads, of the table {@code hooks} under the name h. */
  public static final String COLUMNS =
      "h.id AS hook_id, h.owner_id AS hook_owner_id, h.service AS hook_service,"
          + " h.action AS hook_action, h.inputs AS hook_inputs,"
          + " h.secret_generation AS hook_secret_generation, h.connection_id AS hook_connection_id,"
          + " h.first_items AS hook_first_items, h.created_at AS hook_created_at";

  /** Reads {@link #COLUMNS}. */
  public static Hook of(ResultSet row) throws SQLException {
    return new Hook(
        row.getObject("hook_id", UUID.class),
        row.getObject("hook_owner_id", UUID.class),
        row.getString("hook_service"),
        row.getString("hook_action"),
        Json.readStored(row.getString("hook_inputs")),
        row.getInt("hook_secret_generation"),
        row.getObject("hook_connection_id", UUID.class),
        row.getInt("hook_first_items"),
        row.getObject("hook_created_at", OffsetDateTime.class).toInstant());
  }

  /** Whether it subscribes to this action. */
  public boolean isOf(String otherService, String otherAction) {
    return service.equals(otherService) && action.equals(otherAction);
  }

  Hook withInputs(JsonNode newInputs) {
    return new Hook(
        id,
        ownerId,
        service,
        action,
        newInputs,
        secretGeneration,
        connectionId,
        firstItems,
        createdAt);
  }
}
