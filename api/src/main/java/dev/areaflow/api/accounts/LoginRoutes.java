package dev.areaflow.api.accounts;

import static dev.areaflow.api.http.Access.Basic.ANYONE;
import static dev.areaflow.api.http.Access.Basic.MAYBE_LOGGED_IN;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Attempts;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Caller;
import dev.areaflow.api.http.Notice;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.Violations;
import dev.areaflow.api.login.Identity;
import dev.areaflow.api.login.IdentityProvider;
import dev.areaflow.api.login.LoginException;
import dev.areaflow.api.login.Logins;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logging in with an identity provider, and what users have linked to their accounts. An account is
 * found by who somebody is at the provider, never by a mail address.
 */
final class LoginRoutes implements Routes {
  private static final Logger LOG = LoggerFactory.getLogger(LoginRoutes.class);
  private static final String NOT_LOGGED_IN = "You are not logged in";
  private static final String IDENTITIES = "/api/v1/users/me/identities";

  private final Logins logins;
  private final Identities identities;
  private final Users users;
  private final Sessions sessions;
  private final SignUpRule signUp;
  private final SessionCookie cookie;
  private final BrowserCookie browsers;
  private final Duration lifetime;
  private final Database database;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final Attempts begun = new Attempts(60, Duration.ofMinutes(3));

  LoginRoutes(
      Logins logins,
      Identities identities,
      Users users,
      Sessions sessions,
      SignUpRule signUp,
      SessionCookie cookie,
      Duration lifetime,
      Database database,
      Clock clock) {
    this.logins = logins;
    this.identities = identities;
    this.users = users;
    this.sessions = sessions;
    this.signUp = signUp;
    this.cookie = cookie;
    this.browsers = new BrowserCookie(cookie.secure());
    this.lifetime = lifetime;
    this.database = database;
    this.clock = clock;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get("/api/v1/login/providers", ANYONE, this::providers),
        Route.get("/login/{provider}", ANYONE, this::begin),
        Route.get("/login/{provider}/callback", MAYBE_LOGGED_IN, this::comeBack)
            .fromProvider()
            .auditedAfterwards("session.open"),
        Route.get(IDENTITIES, Scope.ACCOUNT, this::list),
        Route.post(IDENTITIES, Scope.ACCOUNT, this::beginLink),
        Route.preparedPost(IDENTITIES + "/code", Scope.ACCOUNT, this::finishLink)
            .audited("identity.link"),
        Route.delete(IDENTITIES + "/{id}", Scope.ACCOUNT, this::unlink).audited("identity.unlink"));
  }

  private record Way(String id, String name, String url) {}

  private Answer providers(Call call) {
    return Answer.ok(
        Map.of(
            "items",
            logins.providers().stream()
                .map(each -> new Way(each.id(), each.name(), "/login/" + each.id()))
                .toList()));
  }

  // logging in

  private Answer begin(Call call) {
    begun.take(call.clientAddress());
    Optional<IdentityProvider> provider = logins.provider(call.path("provider"));
    if (provider.isEmpty()) {
      return new Notice(
              404, "No such login", "Nobody logs in here with \"" + call.path("provider") + "\".")
          .answer();
    }
    // kept where the browser has one, so that two logins at once do not end one another
    Token browser =
        call.cookie(browsers.name())
            .filter(BrowserCookie::isOne)
            .map(Token::new)
            .orElseGet(this::newBrowser);
    try {
      Answer away =
          Answer.seeOther(
              logins.begin(provider.get(), new Logins.Goer.Browser(browser.value())).toString());
      return browsers.set(away, browser);
    } catch (LoginException e) {
      note(provider.get(), e);
      return new Notice(502, NOT_LOGGED_IN, e.detail()).answer();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return stopping();
    }
  }

  private Token newBrowser() {
    return Token.random(BrowserCookie.PREFIX, random);
  }

  private static Answer stopping() {
    return new Notice(503, "The server is stopping", "Start again in a moment.").answer();
  }

  private Answer comeBack(Call call) {
    Optional<IdentityProvider> provider = logins.provider(call.path("provider"));
    Optional<Logins.Pending> pending =
        provider.flatMap(each -> logins.find(each, call.query("state").orElse("")));
    if (provider.isEmpty() || pending.isEmpty()) {
      return new Notice(
              400,
              "This link does not work any more",
              "It works once, for ten minutes. Start again with the login.")
          .answer();
    }
    boolean login = pending.get().userId() == null;
    call.act().as(login ? "session.open" : "identity.link").detail(provider.get().id());
    String failed = login ? NOT_LOGGED_IN : provider.get().name() + " is not linked";
    try {
      return login
          ? comeBack(call, provider.get(), pending.get())
          : comeBackToLink(call, provider.get(), pending.get());
    } catch (Problem problem) {
      return new Notice(problem.status(), failed, problem.detail()).answer();
    } catch (LoginException e) {
      note(provider.get(), e);
      return new Notice(400, failed, e.detail()).answer();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return stopping();
    }
  }

  /** The operator may be the only one who can help. */
  private static void note(IdentityProvider provider, LoginException e) {
    LOG.warn("login with {}: {}", provider.id(), e.detail().replaceAll("\\p{Cntrl}", " "));
  }

  private Answer comeBack(Call call, IdentityProvider provider, Logins.Pending pending)
      throws LoginException, InterruptedException {
    boolean same =
        call.cookie(browsers.name())
            .filter(secret -> pending.isOf(new Logins.Goer.Browser(secret)))
            .isPresent();
    if (!same) {
      return new Notice(
              403,
              "Another browser began this login",
              "Start again with the login in this browser. If it did not begin here, somebody may"
                  + " have wanted you to log in to an account of theirs.")
          .answer();
    }
    User user = user(call, provider, identity(call, provider, pending));
    call.act().by(user.id());
    Sessions.Session session = sessions.open(user.id());
    return cookie.set(
        new Notice(200, "You are logged in", "As " + user.email() + ", in this browser.")
            .leadingTo("/", "Go on")
            .answer(),
        session.token(),
        lifetime);
  }

  private Identity identity(Call call, IdentityProvider provider, Logins.Pending pending)
      throws LoginException, InterruptedException {
    if (!logins.end(pending)) {
      throw Problem.conflict("/state", "This login was finished already.");
    }
    Optional<String> refusal =
        call.query("error").map(error -> call.query("error_description").orElse(error));
    if (refusal.isPresent() || call.query("code").isEmpty()) {
      throw Problem.forbidden(provider.name() + " says: " + refusal.orElse("nothing") + ".");
    }
    return provider.identify(pending.attempt(), call.query("code").get());
  }

  /** Whose identity it is, or whose it becomes. */
  private User user(Call call, IdentityProvider provider, Identity identity) {
    User user = identities.user(identity).orElseGet(() -> signUp(call, provider, identity));
    if (user.disabled()) {
      throw Problem.forbidden("This account is disabled; ask the operator.");
    }
    return user;
  }

  /**
   * Makes an account. A mail address that the provider does not vouch for may be anybody's, and one
   * that an account has already is no proof that it is the same person.
   */
  private User signUp(Call call, IdentityProvider provider, Identity identity) {
    call.act().detail(provider.id() + ", a new account");
    signUp.roleOfNewUser(users.isEmpty(), null);
    Email email =
        identity
            .verifiedEmail()
            .flatMap(Email::of)
            .orElseThrow(
                () ->
                    Problem.forbidden(
                        provider.name()
                            + " knows no verified e-mail address of you, and an account needs one."
                            + " Have it verify yours, or ask the operator for an account."));
    if (users.byEmail(email).isPresent()) {
      throw Problem.conflict(
          "/email",
          "There is an account with the address "
              + email.value()
              + " already. If it is yours, log in to it, and link "
              + provider.name()
              + " there.");
    }
    return users.add(
        email,
        Optional.empty(),
        clock.instant(),
        first -> signUp.roleOfNewUser(first, null),
        (handle, made) -> identities.add(handle, made.id(), identity));
  }

  // linking

  private record NewLink(@Nullable String provider) {}

  private Answer beginLink(Call call) {
    NewLink body = call.body(NewLink.class);
    UUID user = ownSession(call);
    Optional<IdentityProvider> provider =
        Optional.ofNullable(body.provider()).flatMap(logins::provider);
    new Violations()
        .check(provider.isPresent(), "/provider", "Expected one of " + ids() + ".")
        .raise();
    begun.take(call.clientAddress());
    try {
      return Answer.ok(
          Map.of("authorizeUrl", logins.begin(provider.orElseThrow(), new Logins.Goer.User(user))));
    } catch (LoginException e) {
      note(provider.orElseThrow(), e);
      throw Problem.unavailable(e.detail(), Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unavailable("The server is stopping.", Duration.ofSeconds(1));
    }
  }

  private String ids() {
    List<String> ids = logins.providers().stream().map(IdentityProvider::id).toList();
    return ids.isEmpty() ? "none: the operator has configured no login" : String.join(", ", ids);
  }

  private Answer comeBackToLink(Call call, IdentityProvider provider, Logins.Pending pending)
      throws LoginException, InterruptedException {
    Optional<UUID> user = call.maybeCaller().map(Caller::userId);
    if (user.isEmpty() || !pending.isOf(new Logins.Goer.User(user.get()))) {
      return new Notice(
              403,
              "Not logged in as who asked",
              "Log in to Areaflow in this browser as the user who asked, and start again; or finish"
                  + " over the API: POST "
                  + IDENTITIES
                  + "/code with this.",
              JsonNodeFactory.instance
                  .objectNode()
                  .put("provider", provider.id())
                  .put("state", pending.attempt().state().getValue())
                  .put("code", call.query("code").orElse(""))
                  .toPrettyString())
          .answer();
    }
    Identities.Linked linked = link(user.get(), identity(call, provider, pending));
    call.act().about(linked.id());
    return new Notice(
            200,
            provider.name() + " is linked",
            "You can log in with it from now on"
                + (linked.name() == null ? "" : ", as " + linked.name())
                + ". You can close this page.")
        .answer();
  }

  private Identities.Linked link(UUID user, Identity identity) {
    return database.jdbi().inTransaction(handle -> identities.add(handle, user, identity));
  }

  private record LinkCode(
      @Nullable String provider, @Nullable String state, @Nullable String code) {}

  /** The same as coming back, by whoever asked, with a session's token. */
  private Route.Handler finishLink(Call call) {
    LinkCode body = call.body(LinkCode.class);
    UUID user = ownSession(call);
    Optional<IdentityProvider> provider =
        Optional.ofNullable(body.provider()).flatMap(logins::provider);
    String code = body.code();
    new Violations()
        .check(provider.isPresent(), "/provider", "Expected one of " + ids() + ".")
        .check(body.state() != null, "/state", "Expected the state of the page.")
        .check(code != null, "/code", "Expected the code of the page.")
        .raise();
    Logins.Pending pending =
        logins
            .find(provider.orElseThrow(), String.valueOf(body.state()))
            .filter(found -> found.isOf(new Logins.Goer.User(user)))
            .filter(logins::end)
            .orElseThrow(
                () ->
                    Problem.conflict(
                        "/state", "This state was used already, or is older than ten minutes."));
    try {
      Identity identity = provider.get().identify(pending.attempt(), String.valueOf(code));
      return later -> {
        Identities.Linked linked = link(user, identity);
        later.act().about(linked.id()).detail(identity.provider());
        return Answer.ok(linked);
      };
    } catch (LoginException e) {
      note(provider.get(), e);
      throw Problem.conflict("/code", e.detail());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unavailable("The server is stopping.", Duration.ofSeconds(1));
    }
  }

  private Answer list(Call call) {
    return Answer.ok(Map.of("items", identities.list(call.caller().userId())));
  }

  private Answer unlink(Call call) {
    identities.delete(ownSession(call), call.id("id"));
    return Answer.noContent();
  }

  /** What opens an account for good is not for tokens, which are lent to programs. */
  private static UUID ownSession(Call call) {
    if (call.caller().credential() instanceof Caller.Credential.ApiToken) {
      throw Problem.forbidden("An API token cannot do that; log in.");
    }
    return call.caller().userId();
  }
}
