package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.hooks.Hook;
import dev.areaflow.api.hooks.Polling;
import dev.areaflow.api.hooks.Subscribed;
import dev.areaflow.api.http.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An AREA as it stands, with what the topology says of it.
 *
 * @param definition as its owner wrote it; not to be changed
 * @param wanted whether its owner wants it to fire
 * @param suspended whether its owner is disabled
 * @param hook what it listens to
 * @param blocked why it cannot fire until its definition is changed; null where it can
 * @param reconnect connections of it that have to be connected again; null where there are none
 * @param subscribed how far its webhook is set up; null where the platform does not do that
 * @param served what its home says of it; null where nothing was heard yet
 * @param elsewhere whether a home that it left may still serve it
 * @param polling how polls of its hook go; null where it was not polled yet
 */
record Area(
    UUID id,
    JsonNode definition,
    long version,
    boolean wanted,
    boolean suspended,
    Instant createdAt,
    Instant updatedAt,
    Hook hook,
    @Nullable String blocked,
    @Nullable String reconnect,
    @Nullable Subscribed subscribed,
    @Nullable Served served,
    boolean elsewhere,
    @Nullable Polling polling) {

  /**
   * What a home says of an AREA.
   *
   * @param reason why it was rejected, where it was
   */
  record Served(long version, String state, @Nullable String reason) {}

  /** Where an AREA stands, for its owner. */
  private enum Status {
    PENDING,
    LIVE,
    DISABLED,
    ERROR;

    String text() {
      return switch (this) {
        case PENDING -> "pending";
        case LIVE -> "live";
        case DISABLED -> "disabled";
        case ERROR -> "error";
      };
    }
  }

  /** Selects what {@link #of} reads; conditions follow. */
  static final String SELECT =
      "SELECT a.id, a.definition, a.version, a.wanted, a.suspended, a.created_at, a.updated_at,"
          + " a.blocked, (SELECT string_agg('\"' || c.name || '\" to ' || c.service, ', ')"
          + " FROM connections c WHERE c.owner_id = a.owner_id AND c.status = 'reconnect'"
          + " AND (c.id = h.connection_id OR EXISTS (SELECT 1"
          + " FROM json_array_elements(a.plan->'steps') p"
          + " WHERE p->>'connectionId' = CAST(c.id AS text)))) AS reconnect, "
          + Hook.COLUMNS
          + ", "
          + Subscribed.COLUMNS
          + ", "
          + Polling.COLUMNS
          + ", s.version AS served_version, s.state AS served_state, s.reason AS served_reason,"
          + " (a.left_hook_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM area_status l"
          + " WHERE l.area_id = a.id AND l.home = CAST(a.left_hook_id AS text)"
          + " AND l.version >= a.left_version)) OR EXISTS (SELECT 1 FROM area_status o"
          + " WHERE o.area_id = a.id AND o.home <> CAST(a.hook_id AS text)"
          + " AND o.state = 'applied') AS elsewhere"
          + " FROM areas a JOIN hooks h ON h.id = a.hook_id"
          + " LEFT JOIN subscriptions b ON b.hook_id = h.id"
          + " LEFT JOIN hook_polls p ON p.hook_id = h.id LEFT JOIN area_status s"
          + " ON s.area_id = a.id AND s.home = CAST(a.hook_id AS text)"
          + " WHERE a.owner_id = :owner AND a.deleted_at IS NULL";

  static Area of(ResultSet row) throws SQLException {
    String state = row.getString("served_state");
    return new Area(
        row.getObject("id", UUID.class),
        Json.readStored(row.getString("definition")),
        row.getLong("version"),
        row.getBoolean("wanted"),
        row.getBoolean("suspended"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant(),
        Hook.of(row),
        row.getString("blocked"),
        row.getString("reconnect"),
        Subscribed.of(row),
        state == null
            ? null
            : new Served(row.getLong("served_version"), state, row.getString("served_reason")),
        row.getBoolean("elsewhere"),
        Polling.of(row));
  }

  /** The AREA as its owner sees it, without its hook. */
  ObjectNode toJson() {
    Status status = status();
    ObjectNode json = (ObjectNode) Json.tree(java.util.Map.of("id", id));
    definition.properties().forEach(field -> json.set(field.getKey(), field.getValue()));
    json.put("version", version);
    json.put("enabled", wanted);
    json.put("status", status.text());
    json.put("statusReason", reason(status));
    json.put("appliedVersion", served == null ? null : (Long) served.version());
    json.put("createdAt", createdAt.toString());
    json.put("updatedAt", updatedAt.toString());
    return json;
  }

  private Status status() {
    if (!wanted || suspended) {
      return Status.DISABLED;
    } else if (blocked != null || reconnect != null || isSubscription("failed")) {
      return Status.ERROR;
    } else if (isSubscription("pending")) {
      return Status.PENDING;
    } else if (served == null || served.version() < version) {
      return Status.PENDING;
    }
    return switch (served.state()) {
      case "applied" -> elsewhere ? Status.PENDING : Status.LIVE;
      case "rejected" -> Status.ERROR;
      default -> Status.PENDING;
    };
  }

  private boolean isSubscription(String state) {
    return subscribed != null && subscribed.is(state);
  }

  private @Nullable String error() {
    if (blocked != null) {
      return blocked;
    } else if (reconnect != null) {
      return "The connection " + reconnect + " has to be connected again.";
    } else if (subscribed != null && subscribed.is("failed")) {
      return subscribed.problem();
    }
    return served == null ? null : served.reason();
  }

  private @Nullable String reason(Status status) {
    return switch (status) {
      case LIVE -> limits();
      case ERROR -> error();
      case DISABLED -> suspended ? "The account is disabled." : null;
      case PENDING -> pending();
    };
  }

  /** What its owner should know though it fires. */
  private @Nullable String limits() {
    @Nullable String failing = polling == null ? null : polling.problem();
    return failing == null && subscribed != null && subscribed.is("polled")
        ? subscribed.problem()
        : failing;
  }

  private String pending() {
    if (subscribed != null && subscribed.is("pending")) {
      return subscribed.problem() == null
          ? "Its webhook is being set up at the service."
          : "Its webhook is not set up yet: " + subscribed.problem();
    }
    return "Version " + version + " is on its way to where events are matched.";
  }
}
