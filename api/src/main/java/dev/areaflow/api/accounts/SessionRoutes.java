package dev.areaflow.api.accounts;

import static dev.areaflow.api.http.Access.Basic.ANYONE;
import static dev.areaflow.api.http.Access.Basic.LOGGED_IN;

import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Attempts;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Caller;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Violations;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Logging in and out. */
final class SessionRoutes implements Routes {
  private final Users users;
  private final Sessions sessions;
  private final Passwords passwords;
  private final SessionCookie cookie;
  private final Duration lifetime;
  // failures only: a login that succeeds gives its attempts back
  private final Attempts byAddress = new Attempts(60, Duration.ofMinutes(3));
  private final Attempts byEmail = new Attempts(10, Duration.ofMinutes(10));

  SessionRoutes(
      Users users,
      Sessions sessions,
      Passwords passwords,
      SessionCookie cookie,
      Duration lifetime) {
    this.users = users;
    this.sessions = sessions;
    this.passwords = passwords;
    this.cookie = cookie;
    this.lifetime = lifetime;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.preparedPost("/api/v1/sessions", ANYONE, this::logIn).audited("session.open"),
        Route.delete("/api/v1/sessions/current", LOGGED_IN, this::logOut).audited("session.close"));
  }

  private record Login(@Nullable String email, @Nullable String password) {}

  /** The hash is compared before the transaction: it would hold a connection for all that time. */
  private Route.Handler logIn(Call call) {
    Login login = call.body(Login.class);
    String email = login.email();
    String password = login.password();
    new Violations()
        .check(email != null, "/email", "Expected your e-mail address.")
        .check(password != null, "/password", "Expected your password.")
        .raise();
    User user = verify(call, String.valueOf(email), String.valueOf(password));
    return later -> {
      Sessions.Session session = sessions.open(user.id());
      later.act().by(user.id());
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("token", session.token().value());
      body.put("expiresAt", session.expiresAt());
      return cookie.set(Answer.ok(body), session.token(), lifetime);
    };
  }

  private User verify(Call call, String email, String password) {
    String address = call.clientAddress();
    byAddress.take(address);
    Optional<Email> known = Email.of(email);
    if (known.isEmpty() || password.length() > 2 * Passwords.MOST_CHARACTERS) {
      passwords.matchNobody("");
      throw refused();
    }
    String key = known.get().value();
    byEmail.take(key);
    Optional<Users.Credentials> credentials = users.byEmail(known.get());
    credentials.ifPresent(found -> call.act().about(found.user().id()));
    @Nullable String hash = credentials.map(Users.Credentials::passwordHash).orElse(null);
    if (credentials.isEmpty() || hash == null) {
      passwords.matchNobody(password);
      throw refused();
    }
    User user = credentials.get().user();
    if (!passwords.matches(password, hash)) {
      throw refused();
    }
    byAddress.giveBack(address);
    byEmail.giveBack(key);
    if (user.disabled()) {
      throw Problem.forbidden("This account is disabled; ask the operator.");
    }
    if (passwords.isOutdated(hash)) {
      users.change(user.id(), Optional.empty(), Optional.of(passwords.hash(password)));
    }
    return user;
  }

  private static Problem refused() {
    return Problem.unauthorized("The e-mail address or the password is wrong.");
  }

  private Answer logOut(Call call) {
    UUID session =
        switch (call.caller().credential()) {
          case Caller.Credential.SessionToken(UUID id) -> id;
          case Caller.Credential.SessionCookie(UUID id) -> id;
          case Caller.Credential.ApiToken _ -> throw Problem.notFound();
        };
    sessions.close(session);
    return cookie.clear(Answer.noContent());
  }
}
