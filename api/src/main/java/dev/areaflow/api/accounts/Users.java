package dev.areaflow.api.accounts;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Actor;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.UserRole;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The table of users. */
final class Users {
  // any number, as long as nothing else locks it: sign-ups decide one after the other who is first
  private static final long FIRST_USER_LOCK = 0x61726561_00000001L;

  private final Database database;

  Users(Database database) {
    this.database = database;
  }

  /**
   * A user, and what proves that it is that one.
   *
   * @param passwordHash null where the user has no password and logs in by an identity
   */
  record Credentials(User user, @Nullable String passwordHash) {}

  boolean isEmpty() {
    return database.jdbi().withHandle(Users::isEmpty);
  }

  private static boolean isEmpty(Handle handle) {
    return !handle.createQuery("SELECT EXISTS (SELECT FROM users)").mapTo(Boolean.class).one();
  }

  /** What a new user may be, given whether it is the first. */
  interface RoleOfNewUser {
    UserRole decide(boolean first);
  }

  /**
   * Adds a user.
   *
   * @param passwordHash empty for a user who logs in by an identity
   * @param with what else is made in the same transaction
   * @throws Problem 409 where the address is taken, or what {@code role} or {@code with} throws
   */
  User add(
      Email email,
      Optional<String> passwordHash,
      Instant now,
      RoleOfNewUser role,
      BiConsumer<Handle, User> with) {
    return unlessTaken(
        () ->
            database
                .jdbi()
                .inTransaction(
                    handle -> {
                      handle.execute("SELECT pg_advisory_xact_lock(?)", FIRST_USER_LOCK);
                      User made =
                          handle
                              .createQuery(
                                  """
                              INSERT INTO users (email, password_hash, role, created_at)
                              VALUES (:email, :passwordHash, :role, :now)
                              RETURNING *
                              """)
                              .bind("email", email.value())
                              .bind("passwordHash", passwordHash)
                              .bind("role", role.decide(isEmpty(handle)).text())
                              .bind("now", now)
                              .map((row, context) -> User.of(row))
                              .one();
                      with.accept(handle, made);
                      return made;
                    }));
  }

  Optional<Credentials> byEmail(Email email) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery("SELECT * FROM users WHERE email = :email")
                    .bind("email", email.value())
                    .map(
                        (row, context) ->
                            new Credentials(User.of(row), row.getString("password_hash")))
                    .findOne());
  }

  Credentials byId(UUID id) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery("SELECT * FROM users WHERE id = :id")
                    .bind("id", id)
                    .map(
                        (row, context) ->
                            new Credentials(User.of(row), row.getString("password_hash")))
                    .findOne()
                    .orElseThrow(Problem::notFound));
  }

  /**
   * Changes a user.
   *
   * @throws Problem 409 where the address is taken
   */
  User change(UUID id, Optional<Email> email, Optional<String> passwordHash) {
    return unlessTaken(
        () ->
            database
                .jdbi()
                .withHandle(
                    handle ->
                        handle
                            .createQuery(
                                """
                                UPDATE users
                                SET email = coalesce(:email, email),
                                    password_hash = coalesce(:passwordHash, password_hash)
                                WHERE id = :id
                                RETURNING *
                                """)
                            .bind("id", id)
                            .bind("email", email.map(Email::value))
                            .bind("passwordHash", passwordHash)
                            .map((row, context) -> User.of(row))
                            .one()));
  }

  /** All users, newest first; for admins. */
  List<User> list(Page page) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT * FROM users
                        WHERE CAST(:after AS uuid) IS NULL OR id < :after
                        ORDER BY id DESC
                        LIMIT :limit
                        """)
                    .bind("after", page.afterId())
                    .bind("limit", page.fetch())
                    .map((row, context) -> User.of(row))
                    .list());
  }

  /**
   * Disables or enables a user; on change, sessions end and the user's things are suspended or
   * taken up again in the same transaction. For admins.
   *
   * @param by the admin
   * @throws Problem 404 where there is no such user
   */
  User disable(UUID id, boolean disabled, Instant now, OwnerSuspension suspension, Actor by) {
    return database
        .jdbi()
        .inTransaction(
            handle -> {
              User user =
                  handle
                      .createQuery("SELECT * FROM users WHERE id = :id FOR UPDATE")
                      .bind("id", id)
                      .map((row, context) -> User.of(row))
                      .findOne()
                      .orElseThrow(Problem::notFound);
              if (user.disabled() == disabled) {
                return user;
              }
              handle.execute("DELETE FROM sessions WHERE user_id = ?", id);
              suspension.apply(handle, id, disabled, by);
              return handle
                  .createQuery("UPDATE users SET disabled_at = :at WHERE id = :id RETURNING *")
                  .bind("id", id)
                  .bind("at", disabled ? Optional.of(now) : Optional.<Instant>empty())
                  .map((row, context) -> User.of(row))
                  .one();
            });
  }

  private static User unlessTaken(Supplier<User> change) {
    return Database.unlessTaken(
        change,
        () -> Problem.conflict("/email", "There is an account with this e-mail address already."));
  }
}
