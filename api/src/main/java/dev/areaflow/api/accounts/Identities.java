package dev.areaflow.api.accounts;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.login.Identity;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The table of who users are at identity providers. */
final class Identities {
  private static final int MOST_PER_USER = 50;

  private final Database database;
  private final Clock clock;

  Identities(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** A user's identity, as the API shows one. */
  record Linked(UUID id, String provider, @Nullable String name, Instant createdAt) {
    static Linked of(ResultSet row) throws SQLException {
      return new Linked(
          row.getObject("id", UUID.class),
          row.getString("provider"),
          row.getString("name"),
          row.getTimestamp("created_at").toInstant());
    }
  }

  /** Whose an identity is; empty where it is nobody's. */
  Optional<User> user(Identity identity) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT u.* FROM identities i JOIN users u ON u.id = i.user_id"
                            + " WHERE i.issuer = :issuer AND i.subject = :subject")
                    .bind("issuer", identity.issuer())
                    .bind("subject", identity.subject())
                    .map((row, context) -> User.of(row))
                    .findOne());
  }

  /**
   * Links an identity to a user. The caller brings the transaction.
   *
   * @throws Problem 409 where it is linked already, or the user has too many
   */
  Linked add(Handle handle, UUID userId, Identity identity) {
    if (list(handle, userId).size() >= MOST_PER_USER) {
      throw Problem.conflict(
          "", "You have " + MOST_PER_USER + " identities, which is the most; unlink some.");
    }
    return Database.unlessTaken(
        () ->
            handle
                .createQuery(
                    "INSERT INTO identities (user_id, provider, issuer, subject, name, created_at)"
                        + " VALUES (:user, :provider, :issuer, :subject, :name, :now) RETURNING *")
                .bind("user", userId)
                .bind("provider", identity.provider())
                .bind("issuer", identity.issuer())
                .bind("subject", identity.subject())
                .bind("name", identity.name().orElse(null))
                .bind("now", clock.instant())
                .map((row, context) -> Linked.of(row))
                .one(),
        () -> Problem.conflict("", "This identity is linked to an account already."));
  }

  /** A user's identities, newest first. */
  List<Linked> list(UUID userId) {
    return database.jdbi().withHandle(handle -> list(handle, userId));
  }

  private static List<Linked> list(Handle handle, UUID userId) {
    return handle
        .createQuery("SELECT * FROM identities WHERE user_id = :user ORDER BY id DESC")
        .bind("user", userId)
        .map((row, context) -> Linked.of(row))
        .list();
  }

  /**
   * Unlinks an identity.
   *
   * @throws Problem 404; 409 where the user could not log in any more
   */
  void delete(UUID userId, UUID id) {
    database
        .jdbi()
        .useTransaction(
            handle -> {
              boolean password =
                  handle
                      .createQuery(
                          "SELECT password_hash IS NOT NULL FROM users WHERE id = :user FOR UPDATE")
                      .bind("user", userId)
                      .mapTo(Boolean.class)
                      .one();
              List<UUID> ids = list(handle, userId).stream().map(Linked::id).toList();
              if (!ids.contains(id)) {
                throw Problem.notFound();
              }
              if (!password && ids.size() == 1) {
                throw Problem.conflict(
                    "",
                    "Without it you could not log in any more; set a password first, with PATCH"
                        + " /api/v1/users/me, or link another identity.");
              }
              handle.execute("DELETE FROM identities WHERE id = ?", id);
            });
  }
}
