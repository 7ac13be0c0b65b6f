package dev.areaflow.api.audit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What somebody did, or tried to.
 *
 * @param actor who; null where nobody knows
 * @param via by what the caller was known; null where it was not
 * @param address of the caller
 * @param kind what was done, for example {@code area.create}
 * @param subject the id of what it was done to; null where that has none
 * @param outcome {@code done}, {@code refused}, or {@code failed} by our fault
 * @param status of the answer
 * @param detail more, in words; null where there is no more to say
 */
record AuditEntry(
    UUID id,
    Instant at,
    @Nullable Actor actor,
    @Nullable Via via,
    String address,
    String kind,
    @Nullable String subject,
    String outcome,
    int status,
    @Nullable String detail) {

  /**
   * A user.
   *
   * @param email as it is now; null where there is no such user any more
   */
  record Actor(UUID id, @Nullable String email) {}

  /**
   * What a caller presented.
   *
   * @param kind {@code session} or {@code token}
   * @param name of the token; null of a session
   */
  record Via(String kind, UUID id, @Nullable String name) {}

  static AuditEntry of(ResultSet row) throws SQLException {
    @Nullable UUID actor = row.getObject("actor_id", UUID.class);
    @Nullable UUID credential = row.getObject("credential_id", UUID.class);
    return new AuditEntry(
        row.getObject("id", UUID.class),
        row.getObject("at", OffsetDateTime.class).toInstant(),
        actor == null ? null : new Actor(actor, row.getString("email")),
        credential == null
            ? null
            : new Via(row.getString("credential"), credential, row.getString("token_name")),
        row.getString("address"),
        row.getString("kind"),
        row.getString("subject"),
        row.getString("outcome"),
        row.getInt("status"),
        row.getString("detail"));
  }

  /** As the API shows it. */
  Map<String, @Nullable Object> toJson() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("id", id);
    json.put("at", at);
    json.put("actor", actor);
    json.put("via", via);
    json.put("address", address);
    json.put("kind", kind);
    json.put("subject", subject);
    json.put("outcome", outcome);
    json.put("status", status);
    json.put("detail", detail);
    return json;
  }
}
