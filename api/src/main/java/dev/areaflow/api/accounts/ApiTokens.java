package dev.areaflow.api.accounts;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Caller;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.UserRole;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The table of API tokens. */
final class ApiTokens {
  private static final int MOST_PER_USER = 200;
  private static final Duration USE_RESOLUTION = Duration.ofMinutes(1);

  private final Database database;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  ApiTokens(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** A token, as the API shows one: without the token itself. */
  record Description(
      UUID id,
      String name,
      List<String> scopes,
      Instant createdAt,
      Instant expiresAt,
      @Nullable Instant lastUsedAt) {
    static Description of(ResultSet row) throws SQLException {
      Timestamp used = row.getTimestamp("last_used_at");
      return new Description(
          row.getObject("id", UUID.class),
          row.getString("name"),
          texts(row),
          row.getTimestamp("created_at").toInstant(),
          row.getTimestamp("expires_at").toInstant(),
          used == null ? null : used.toInstant());
    }
  }

  record Created(Description description, Token token) {}

  /**
   * Makes a token.
   *
   * @throws Problem 409 where the owner has too many
   */
  Created create(UUID ownerId, String name, Set<Scope> scopes, Instant expiresAt) {
    Token token = Token.random(Token.API_PREFIX, random);
    return database
        .jdbi()
        .inTransaction(
            handle -> {
              int count =
                  handle
                      .createQuery("SELECT count(*) FROM api_tokens WHERE owner_id = :owner")
                      .bind("owner", ownerId)
                      .mapTo(Integer.class)
                      .one();
              if (count >= MOST_PER_USER) {
                throw Problem.conflict(
                    "", "You have " + count + " tokens, which is the most; delete some.");
              }
              Description description =
                  handle
                      .createQuery(
                          """
                          INSERT INTO api_tokens (owner_id, name, token_hash, scopes, created_at, expires_at)
                          VALUES (:owner, :name, :hash, :scopes, :now, :expiresAt)
                          RETURNING *
                          """)
                      .bind("owner", ownerId)
                      .bind("name", name)
                      .bind("hash", token.hash())
                      .bindArray(
                          "scopes",
                          String.class,
                          scopes.stream().map(Scope::text).sorted().toList())
                      .bind("now", clock.instant())
                      .bind("expiresAt", expiresAt)
                      .map((row, context) -> Description.of(row))
                      .one();
              return new Created(description, token);
            });
  }

  /** The owner's tokens, newest first. */
  List<Description> list(UUID ownerId, Page page) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT * FROM api_tokens
                        WHERE owner_id = :owner AND (CAST(:after AS uuid) IS NULL OR id < :after)
                        ORDER BY id DESC
                        LIMIT :limit
                        """)
                    .bind("owner", ownerId)
                    .bind("after", page.afterId())
                    .bind("limit", page.fetch())
                    .map((row, context) -> Description.of(row))
                    .list());
  }

  /**
   * One token of the owner.
   *
   * @throws Problem 404
   */
  Description get(UUID ownerId, UUID id) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery("SELECT * FROM api_tokens WHERE owner_id = :owner AND id = :id")
                    .bind("owner", ownerId)
                    .bind("id", id)
                    .map((row, context) -> Description.of(row))
                    .findOne()
                    .orElseThrow(Problem::notFound));
  }

  /**
   * Revokes a token of the owner.
   *
   * @throws Problem 404
   */
  void delete(UUID ownerId, UUID id) {
    int deleted =
        database
            .jdbi()
            .withHandle(
                handle ->
                    handle.execute(
                        "DELETE FROM api_tokens WHERE owner_id = ? AND id = ?", ownerId, id));
    if (deleted == 0) {
      throw Problem.notFound();
    }
  }

  private record Found(Caller caller, boolean stampDue) {}

  /** The caller of a token; empty where it expired or its owner is disabled. */
  Optional<Caller> caller(Token token) {
    Instant now = clock.instant();
    Optional<Found> found =
        database
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .createQuery(
                            """
                            SELECT t.id, t.name, t.owner_id, t.scopes, u.role,
                              t.last_used_at IS NULL OR t.last_used_at < :stale AS stamp_due
                            FROM api_tokens t JOIN users u ON u.id = t.owner_id
                            WHERE t.token_hash = :hash AND t.expires_at > :now AND u.disabled_at IS NULL
                            """)
                        .bind("hash", token.hash())
                        .bind("now", now)
                        .bind("stale", now.minus(USE_RESOLUTION))
                        .map((row, context) -> found(row))
                        .findOne());
    found
        .filter(Found::stampDue)
        .ifPresent(
            used ->
                database
                    .jdbi()
                    .useHandle(
                        handle ->
                            handle
                                .createUpdate(
                                    "UPDATE api_tokens SET last_used_at = :now WHERE id = :id")
                                .bind("now", now)
                                .bind("id", used.caller().credential().id())
                                .execute()));
    return found.map(Found::caller);
  }

  private static Found found(ResultSet row) throws SQLException {
    UserRole role = UserRole.of(row.getString("role"));
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    texts(row).forEach(text -> Scope.of(text).ifPresent(scopes::add));
    scopes.retainAll(Scope.allOf(role));
    return new Found(
        new Caller(
            row.getObject("owner_id", UUID.class),
            role,
            scopes,
            new Caller.Credential.ApiToken(row.getObject("id", UUID.class), row.getString("name"))),
        row.getBoolean("stamp_due"));
  }

  private static List<String> texts(ResultSet row) throws SQLException {
    return Arrays.asList((String[]) row.getArray("scopes").getArray());
  }
}
