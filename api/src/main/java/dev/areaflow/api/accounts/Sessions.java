package dev.areaflow.api.accounts;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Caller;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.UserRole;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** The table of sessions. */
final class Sessions {
  private static final int MOST_PER_USER = 100;

  private final Database database;
  private final Clock clock;
  private final Duration lifetime;
  private final SecureRandom random = new SecureRandom();

  Sessions(Database database, Clock clock, Duration lifetime) {
    this.database = database;
    this.clock = clock;
    this.lifetime = lifetime;
  }

  record Session(Token token, Instant expiresAt) {}

  /** Opens a session; the oldest ends where a user has too many. */
  Session open(UUID userId) {
    Token token = Token.random(Token.SESSION_PREFIX, random);
    Instant now = clock.instant();
    Instant expiresAt = now.plus(lifetime);
    database
        .jdbi()
        .useTransaction(
            handle -> {
              handle
                  .createUpdate(
                      """
                      INSERT INTO sessions (user_id, token_hash, created_at, expires_at)
                      VALUES (:userId, :hash, :now, :expiresAt)
                      """)
                  .bind("userId", userId)
                  .bind("hash", token.hash())
                  .bind("now", now)
                  .bind("expiresAt", expiresAt)
                  .execute();
              handle
                  .createUpdate(
                      """
                      DELETE FROM sessions
                      WHERE user_id = :userId AND id NOT IN (
                        SELECT id FROM sessions WHERE user_id = :userId
                        ORDER BY id DESC LIMIT :most)
                      """)
                  .bind("userId", userId)
                  .bind("most", MOST_PER_USER)
                  .execute();
            });
    return new Session(token, expiresAt);
  }

  /** The caller of a session's token; empty where it ended or the user is disabled. */
  Optional<Caller> caller(Token token, Function<UUID, Caller.Credential> credential) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT s.id, s.user_id, u.role
                        FROM sessions s JOIN users u ON u.id = s.user_id
                        WHERE s.token_hash = :hash AND s.expires_at > :now AND u.disabled_at IS NULL
                        """)
                    .bind("hash", token.hash())
                    .bind("now", clock.instant())
                    .map(
                        (row, context) -> {
                          UserRole role = UserRole.of(row.getString("role"));
                          return new Caller(
                              row.getObject("user_id", UUID.class),
                              role,
                              Scope.allOf(role),
                              credential.apply(row.getObject("id", UUID.class)));
                        })
                    .findOne());
  }

  void close(UUID id) {
    database.jdbi().useHandle(handle -> handle.execute("DELETE FROM sessions WHERE id = ?", id));
  }

  /** Ends all sessions of a user but one. */
  void closeOthers(UUID userId, UUID kept) {
    database
        .jdbi()
        .useHandle(
            handle ->
                handle.execute("DELETE FROM sessions WHERE user_id = ? AND id <> ?", userId, kept));
  }

  /** Forgets sessions that ended by themselves. */
  void forgetExpired() {
    database
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate("DELETE FROM sessions WHERE expires_at <= :now")
                    .bind("now", clock.instant())
                    .execute());
  }
}
