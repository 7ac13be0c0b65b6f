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
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.Violations;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Making an account, one's own account, and what admins do with others. */
final class UserRoutes implements Routes {
  private final Users users;
  private final Sessions sessions;
  private final Passwords passwords;
  private final Clock clock;
  private final SignUpRule rule;
  private final OwnerSuspension suspension;
  private final String version;
  private final Attempts signUps = new Attempts(120, Duration.ofMinutes(1));
  private final Attempts changes = new Attempts(10, Duration.ofMinutes(10));

  UserRoutes(
      Users users,
      Sessions sessions,
      Passwords passwords,
      Clock clock,
      SignUpRule rule,
      OwnerSuspension suspension,
      String version) {
    this.users = users;
    this.sessions = sessions;
    this.passwords = passwords;
    this.clock = clock;
    this.rule = rule;
    this.suspension = suspension;
    this.version = version;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get("/api/v1/info", ANYONE, this::info),
        Route.preparedPost("/api/v1/users", ANYONE, this::signUp).creates().audited("user.create"),
        Route.get("/api/v1/users/me", LOGGED_IN, this::me),
        Route.preparedPatch("/api/v1/users/me", Scope.ACCOUNT, this::changeMe)
            .audited("user.change"),
        Route.get("/api/v1/users", Scope.ADMIN, this::list).paged(),
        Route.preparedPatch("/api/v1/users/{id}", Scope.ADMIN, this::disable)
            .audited("user.disable"));
  }

  private Answer info(Call call) {
    boolean first = users.isEmpty();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("version", version);
    body.put("signUp", first ? SignUp.OPEN.text() : rule.later().text());
    body.put("setUpTokenRequired", first && rule.setUpTokenRequired());
    return Answer.ok(body);
  }

  private record NewUser(
      @Nullable String email, @Nullable String password, @Nullable String setUpToken) {}

  /** The hash is made before the transaction: it would hold a connection for all that time. */
  private Route.Handler signUp(Call call) {
    signUps.take(call.clientAddress());
    NewUser body = call.body(NewUser.class);
    Violations violations = new Violations();
    Optional<Email> email = email(body.email(), violations);
    checkPassword(body.password(), violations);
    violations.raise();
    // asked before the costly hash, and again, for good, when the user is added
    rule.roleOfNewUser(users.isEmpty(), body.setUpToken());
    String hash = passwords.hash(String.valueOf(body.password()));
    return later -> {
      User user =
          users.add(
              email.orElseThrow(),
              Optional.of(hash),
              clock.instant(),
              first -> rule.roleOfNewUser(first, body.setUpToken()),
              (handle, made) -> {});
      later.act().by(user.id()).about(user.id());
      return Answer.created("/api/v1/users/me", user);
    };
  }

  private Answer me(Call call) {
    return Answer.ok(users.byId(call.caller().userId()).user());
  }

  private record Change(
      @Nullable String email, @Nullable String password, @Nullable String currentPassword) {}

  /** The hash is made before the transaction, as that of a new user is. */
  private Route.Handler changeMe(Call call) {
    UUID id = call.caller().userId();
    Change change = call.body(Change.class);
    Violations violations = new Violations();
    Optional<Email> email =
        change.email() == null ? Optional.empty() : email(change.email(), violations);
    if (change.password() != null) {
      checkPassword(change.password(), violations);
    }
    violations.raise();
    changes.take(id.toString());
    checkOwner(call.caller(), users.byId(id).passwordHash(), change.currentPassword());
    changes.giveBack(id.toString());
    Optional<String> hash = Optional.ofNullable(change.password()).map(passwords::hash);
    return later -> {
      User user = users.change(id, email, hash);
      sessions.closeOthers(
          id,
          switch (later.caller().credential()) {
            case Caller.Credential.SessionToken(UUID session) -> session;
            case Caller.Credential.SessionCookie(UUID session) -> session;
            case Caller.Credential.ApiToken(UUID token, String _) -> token; // of no session
          });
      later.act().about(id).detail(changed(email.isPresent(), hash.isPresent()));
      return Answer.ok(user);
    };
  }

  private static String changed(boolean email, boolean password) {
    return Stream.of(email ? "e-mail address" : "", password ? "password" : "")
        .filter(what -> !what.isEmpty())
        .collect(Collectors.joining(", "));
  }

  /** Who has no password yet has only a session to show; a token is not enough. */
  private void checkOwner(Caller caller, @Nullable String hash, @Nullable String currentPassword) {
    if (hash == null) {
      if (caller.credential() instanceof Caller.Credential.ApiToken) {
        throw Problem.forbidden("An API token cannot do that; log in.");
      }
    } else if (currentPassword == null) {
      throw Problem.invalid("/currentPassword", "Expected your current password.");
    } else if (!passwords.matches(currentPassword, hash)) {
      throw Problem.invalid("/currentPassword", "This is not your current password.");
    }
  }

  private Answer list(Call call) {
    return call.page().answer(users.list(call.page()), user -> user.id().toString());
  }

  private record Disabling(@Nullable Boolean disabled) {}

  private Route.Handler disable(Call call) {
    UUID id = call.id("id");
    Boolean disabled = call.body(Disabling.class).disabled();
    if (disabled == null) {
      throw Problem.invalid("/disabled", "Expected true or false.");
    }
    if (disabled && id.equals(call.caller().userId())) {
      throw Problem.conflict("/disabled", "You cannot disable your own account.");
    }
    call.act().as(disabled ? "user.disable" : "user.enable");
    return later ->
        Answer.ok(users.disable(id, disabled, clock.instant(), suspension, later.caller().actor()));
  }

  private static Optional<Email> email(@Nullable String text, Violations violations) {
    Optional<Email> email = text == null ? Optional.empty() : Email.of(text);
    violations.check(
        email.isPresent(), "/email", "Expected an e-mail address, e.g. ada@example.org.");
    return email;
  }

  private static void checkPassword(@Nullable String password, Violations violations) {
    violations.check(
        password != null && Passwords.isAcceptable(password),
        "/password",
        "Expected "
            + Passwords.LEAST_CHARACTERS
            + " to "
            + Passwords.MOST_CHARACTERS
            + " characters.");
  }
}
