package dev.areaflow.api.accounts;

import dev.areaflow.api.http.UserRole;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;

/**
 * A user, as the API shows one.
 *
 * @param hasPassword false where the user logs in by an identity alone
 */
record User(
    UUID id, String email, String role, boolean disabled, boolean hasPassword, Instant createdAt) {
  static User of(ResultSet row) throws SQLException {
    return new User(
        row.getObject("id", UUID.class),
        row.getString("email"),
        row.getString("role"),
        row.getTimestamp("disabled_at") != null,
        row.getString("password_hash") != null,
        row.getTimestamp("created_at").toInstant());
  }

  UserRole userRole() {
    return UserRole.of(role);
  }
}
