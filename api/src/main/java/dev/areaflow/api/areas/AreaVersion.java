package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.http.Actor;
import dev.areaflow.api.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A version that an AREA was in.
 *
 * @param at when it began
 * @param what what made it
 * @param by who did
 * @param restored the version whose definition it has again; null where it is no such version
 * @param enabled whether the AREA's owner wanted it to fire
 * @param reason why it could not fire all the same; null where it could
 * @param definition as the AREA's owner wrote it; not to be changed
 */
record AreaVersion(
    UUID areaId,
    UUID ownerId,
    long version,
    Instant at,
    String what,
    Actor by,
    @Nullable Long restored,
    boolean enabled,
    @Nullable String reason,
    JsonNode definition) {

  /** What makes a version. */
  enum What {
    CREATED,
    CHANGED,
    ENABLED,
    DISABLED,
    DELETED,
    RESTORED,
    /** Switched off by the platform, since it only failed. */
    PAUSED,
    /** A connection that it uses was deleted. */
    STOPPED,
    /** Its owner was disabled. */
    SUSPENDED,
    /** Its owner was enabled again. */
    RESUMED;

    /** As it stands in JSON and in the table, where {@code found} says that it was there before. */
    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static AreaVersion of(ResultSet row) throws SQLException {
    return new AreaVersion(
        row.getObject("area_id", UUID.class),
        row.getObject("owner_id", UUID.class),
        row.getLong("version"),
        row.getObject("at", OffsetDateTime.class).toInstant(),
        row.getString("what"),
        new Actor(row.getObject("by_user", UUID.class), row.getString("by_token")),
        row.getObject("restored", Long.class),
        row.getBoolean("enabled"),
        row.getString("reason"),
        Json.readStored(row.getString("definition")));
  }

  /** The version without its definition, as the API shows it. */
  Map<String, @Nullable Object> toJson() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("version", version);
    json.put("at", at);
    json.put("what", what);
    json.put("by", author());
    json.put("restored", restored);
    json.put("name", definition.path("name").asText());
    json.put("enabled", enabled);
    json.put("reason", reason);
    json.put("url", "/api/v1/areas/" + areaId + "/versions/" + version);
    json.put("runs", "/api/v1/runs?areaId=" + areaId + "&version=" + version);
    return json;
  }

  /** Admins are not named to those whose AREAs they stop. */
  private Map<String, @Nullable Object> author() {
    Map<String, @Nullable Object> author = new LinkedHashMap<>();
    author.put(
        "kind", by.userId() == null ? "platform" : by.userId().equals(ownerId) ? "owner" : "admin");
    author.put("token", ownerId.equals(by.userId()) ? by.token() : null);
    return author;
  }

  /** The definition as it can be sent again. */
  ObjectNode document() {
    return ((ObjectNode) definition.deepCopy()).put("enabled", enabled);
  }
}
