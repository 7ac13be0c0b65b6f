package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.hooks.Hook;
import dev.areaflow.api.hooks.Polling;
import dev.areaflow.api.hooks.Subscribed;
import dev.areaflow.api.http.Json;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An AREA as it stands, with what the topology says of it.
 *
 * @param definition as its owner wrote it; not to be changed
 * @param wanted whether its owner wants it to fire
 * @param suspended whether its owner is disabled
 * @param listened what it listens to, in the order of its actions
 * @param blocked why it cannot fire until its definition is changed; null where it can
 * @param paused why it was switched off without its owner; null where it was not
 * @param connections the accounts that it uses
 * @param rule what it makes of the events that match; empty where each makes a run
 * @param served what its home says of it; null where nothing was heard yet
 * @param elsewhere whether a home that it left may still serve it, or not all of its hooks know it
 *     yet
 * @param memory what its rule remembers; null where that was not told yet, or it has none
 */
record Area(
    UUID id,
    JsonNode definition,
    long version,
    boolean wanted,
    boolean suspended,
    Instant createdAt,
    Instant updatedAt,
    List<Listened> listened,
    @Nullable String blocked,
    @Nullable String paused,
    List<UsedConnection> connections,
    Optional<Ruling> rule,
    @Nullable Served served,
    boolean elsewhere,
    @Nullable RuleMemory memory) {

  /**
   * A hook of an AREA.
   *
   * @param of what the AREA calls its action; empty of the only one
   * @param subscribed how far its webhook is set up; null where the platform does not do that
   * @param polling how polls of it go; null where it was not polled yet
   */
  record Listened(
      String of, Hook hook, @Nullable Subscribed subscribed, @Nullable Polling polling) {
    /** What {@link #of(String, ResultSet)} reads. */
    static final String COLUMNS = Hook.COLUMNS + ", " + Subscribed.COLUMNS + ", " + Polling.COLUMNS;

    /** What {@link #COLUMNS} are of beside the hook h. */
    static final String JOINED =
        " LEFT JOIN subscriptions b ON b.hook_id = h.id LEFT JOIN hook_polls p ON p.hook_id = h.id";

    static Listened of(String of, ResultSet row) throws SQLException {
      return new Listened(of, Hook.of(row), Subscribed.of(row), Polling.of(row));
    }

    private String named(String text) {
      return of.isEmpty() ? text : "\"" + of + "\": " + text;
    }
  }

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
    listened = List.copyOf(listened);
    connections = List.copyOf(connections);
  }

  /** Whether it listens to several hooks. */
  boolean isOfSeveral() {
    return definition.has("actions");
  }

  /** The same with all that it listens to. */
  Area with(List<Listened> all) {
    return new Area(
        id,
        definition,
        version,
        wanted,
        suspended,
        createdAt,
        updatedAt,
        all,
        blocked,
        paused,
        connections,
        rule,
        served,
        elsewhere,
        memory);
  }

  /** Where its state lives. */
  UUID home() {
    return isOfSeveral() ? id : listened.getFirst().hook().id();
  }

  /** A rule with what it keeps apart: what is remembered for one means nothing to another. */
  record Ruling(RulePlan plan, @Nullable String by) {}

  private static final String HOME =
      "CAST(CASE WHEN a.listens IS NULL THEN a.hook_id ELSE a.id END AS text)";

  /** Homes that have not said that they are rid of it, or that it is there. */
  private static final String ELSEWHERE =
      "EXISTS (SELECT 1 FROM jsonb_array_elements_text(coalesce(a.left_homes,"
          + " CASE WHEN a.left_hook_id IS NULL THEN CAST('[]' AS jsonb)"
          + " ELSE jsonb_build_array(a.left_hook_id) END)) l(home)"
          + " WHERE NOT EXISTS (SELECT 1 FROM area_status r WHERE r.area_id = a.id"
          + " AND r.home = l.home AND r.version >= a.left_version))"
          + " OR EXISTS (SELECT 1 FROM area_status o WHERE o.area_id = a.id AND o.state = 'applied'"
          + " AND o.home <> ALL (area_homes(a.id, a.hook_id, a.listens)))"
          + " OR (a.listens IS NOT NULL AND EXISTS"
          + " (SELECT 1 FROM unnest(area_homes(a.id, a.hook_id, a.listens)) k(home)"
          + " WHERE NOT EXISTS (SELECT 1 FROM area_status t WHERE t.area_id = a.id"
          + " AND t.home = k.home AND t.version >= a.version)))";

  /**
   * Selects what {@link #of} reads, of several hooks the first, of deleted AREAs too; conditions
   * follow.
   */
  static final String SELECT =
      "SELECT a.id, a.definition, a.version, a.wanted, a.suspended, a.created_at, a.updated_at,"
          + " a.blocked, a.paused, a.plan, "
          + UsedConnection.SELECT
          + " AS connections, "
          + Listened.COLUMNS
          + ", "
          + RuleMemory.COLUMNS
          + ", s.version AS served_version, s.state AS served_state, s.reason AS served_reason, "
          + ELSEWHERE
          + " AS elsewhere FROM areas a JOIN hooks h ON h.id = a.hook_id"
          + Listened.JOINED
          + " LEFT JOIN area_status s ON s.area_id = a.id AND s.home = "
          + HOME
          + " LEFT JOIN area_rules m ON m.area_id = a.id AND m.home = "
          + HOME
          + " WHERE a.owner_id = :owner";

  /**
   * Reads {@link #SELECT}.
   *
   * @param needs what it needs of the connections that it uses
   */
  static Area of(ResultSet row, ScopeNeeds needs) throws SQLException {
    String state = row.getString("served_state");
    Plan plan = Plan.parse(row.getString("plan"));
    @Nullable RulePlan rule = plan.rule();
    return new Area(
        row.getObject("id", UUID.class),
        Json.readStored(row.getString("definition")),
        row.getLong("version"),
        row.getBoolean("wanted"),
        row.getBoolean("suspended"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant(),
        List.of(Listened.of("", row)),
        row.getString("blocked"),
        row.getString("paused"),
        UsedConnection.of(row.getString("connections"), plan, needs),
        rule == null ? Optional.empty() : Optional.of(new Ruling(rule, plan.by())),
        state == null
            ? null
            : new Served(row.getLong("served_version"), state, row.getString("served_reason")),
        row.getBoolean("elsewhere"),
        RuleMemory.of(row));
  }

  /** The AREA as its owner sees it, without its hooks. */
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
    if (definition.has("rule")) {
      json.set("memory", memory == null ? null : Json.tree(memory));
    }
    json.put("createdAt", createdAt.toString());
    json.put("updatedAt", updatedAt.toString());
    return json;
  }

  private Status status() {
    if (!wanted || suspended) {
      return Status.DISABLED;
    } else if (error() != null) {
      return Status.ERROR;
    } else if (whose("pending").isPresent()) {
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

  /** The first hook whose webhook stands so. */
  private Optional<Listened> whose(String subscription) {
    return listened.stream()
        .filter(each -> each.subscribed() != null && each.subscribed().is(subscription))
        .findFirst();
  }

  private static @Nullable String problem(Listened each) {
    @Nullable Subscribed subscribed = each.subscribed();
    @Nullable String problem = subscribed == null ? null : subscribed.problem();
    return problem == null ? null : each.named(problem);
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
    return whose("failed").map(Area::problem).orElse(null);
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
      case DISABLED -> suspended ? "The account is disabled." : paused;
      case PENDING -> pending();
    };
  }

  /** What its owner should know though it fires. */
  private @Nullable String limits() {
    if (memory != null && memory.problem() != null) {
      return memory.problem();
    }
    for (Listened each : listened) {
      @Nullable Polling polling = each.polling();
      @Nullable String failing = polling == null ? null : polling.problem();
      if (failing != null) {
        return each.named(failing);
      }
    }
    return whose("polled").map(Area::problem).orElse(null);
  }

  private String pending() {
    Optional<Listened> subscribing = whose("pending");
    if (subscribing.isPresent()) {
      @Nullable Subscribed subscribed = subscribing.get().subscribed();
      return subscribing
          .get()
          .named(
              subscribed == null || subscribed.problem() == null
                  ? "Its webhook is being set up at the service."
                  : "Its webhook is not set up yet: " + subscribed.problem());
    }
    return "Version " + version + " is on its way to where events are matched.";
  }
}
