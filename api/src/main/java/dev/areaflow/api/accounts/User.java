package dev.areaflow.api.accounts;

import dev.areaflow.api.http.UserRole;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;

/** A user, as the API shows one. */
record User(UUID id, String email, String role, boolean disabled, Instant createdAt) {
  static User of(ResultSet row) throws SQLException {
    return new User(
        row.getObject("id", UUID.class),
        row.getString("email"),
        row.getString("role"),
        row.getTimestamp("disabled_at") != null,
        row.getTimestamp("created_at").toInstant());
  }

  UserRole userRole() {
    return UserRole.of(role);
  }
}
