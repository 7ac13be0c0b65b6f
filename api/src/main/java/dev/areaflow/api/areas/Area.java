package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.hooks.Hook;
import dev.areaflow.api.hooks.Polling;
import dev.areaflow.api.hooks.Subscribed;
import dev.areaflow.api.http.Json;
import dev.areaflow.schemas.rows.Plan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An AREA as it stands, with what the topology says of it.
 *
 * @param definition as its owner wrote it; not to be changed
 * @param wanted whether its owner wants it to fire
 * @param suspended whether its owner is disabled
 * @param hook what it listens to
 * @param blocked why it cannot fire until its definition is changed; null where it can
 * @param connections the accounts that it uses
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
    List<UsedConnection> connections,
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

  Area {
    connections = List.copyOf(connections);
  }

  /** Selects what {@link #of} reads; conditions follow. */
  static final String SELECT =
      "SELECT a.id, a.definition, a.version, a.wanted, a.suspended, a.created_at, a.updated_at,"
          + " a.blocked, a.plan, "
          + UsedConnection.SELECT
          + " AS connections, "
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

  /**
   * Reads {@link #SELECT}.
   *
   * @param needs what it needs of the connections that it uses
   */
  static Area of(ResultSet row, ScopeNeeds needs) throws SQLException {
    String state = row.getString("served_state");
    Hook hook = Hook.of(row);
    return new Area(
        row.getObject("id", UUID.class),
        Json.readStored(row.getString("definition")),
        row.getLong("version"),
        row.getBoolean("wanted"),
        row.getBoolean("suspended"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant(),
        hook,
        row.getString("blocked"),
        UsedConnection.of(
            row.getString("connections"), hook, Plan.parse(row.getString("plan")), needs),
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
    ArrayNode consents = json.putArray("needsConsent");
    lacking().forEach(connection -> consents.add(connection.consentToJson()));
    json.put("appliedVersion", served == null ? null : (Long) served.version());
    json.put("createdAt", createdAt.toString());
    json.put("updatedAt", updatedAt.toString());
    return json;
  }

  private Status status() {
    if (!wanted || suspended) {
      return Status.DISABLED;
    } else if (error() != null) {
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

  /** What its owner has to mend, in words; null where it is nothing that is known here. */
  private @Nullable String error() {
    String broken =
        connections.stream()
            .filter(UsedConnection::reconnect)
            .map(UsedConnection::toString)
            .collect(Collectors.joining(", "));
    if (blocked != null) {
      return blocked;
    } else if (!broken.isEmpty()) {
      return "The connection " + broken + " has to be connected again.";
    } else if (!lacking().isEmpty()) {
      return lacking().stream().map(Area::consentNeeded).collect(Collectors.joining(" "));
    }
    return isSubscription("failed") && subscribed != null ? subscribed.problem() : null;
  }

  private List<UsedConnection> lacking() {
    return connections.stream().filter(connection -> !connection.lacking().isEmpty()).toList();
  }

  private static String consentNeeded(UsedConnection connection) {
    return "The connection "
        + connection
        + " needs consent to more: "
        + String.join(", ", connection.lacking())
        + "; POST "
        + connection.authorize()
        + " answers where to give it.";
  }

  private @Nullable String reason(Status status) {
    return switch (status) {
      case LIVE -> limits();
      case ERROR -> error() == null && served != null ? served.reason() : error();
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
