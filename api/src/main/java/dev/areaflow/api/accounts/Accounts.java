package dev.areaflow.api.accounts;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Authentication;
import dev.areaflow.api.http.HttpConfig;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.login.Logins;
import java.time.Clock;
import java.util.List;

/** Users, sessions and tokens, put together. */
public final class Accounts {
  private final Sessions sessions;
  private final Logins logins;
  private final Authentication authentication;
  private final List<Routes> routes;

  /**
   * @param suspension what happens to the things of a user who is disabled
   * @param logins ways to identity providers
   * @param passwords what hashes them
   * @param version of the program, for {@code /info}
   */
  public Accounts(
      Database database,
      AccountsConfig config,
      HttpConfig http,
      Clock clock,
      OwnerSuspension suspension,
      Logins logins,
      Passwords passwords,
      String version) {
    SessionCookie cookie = new SessionCookie(http.isHttps());
    Users users = new Users(database);
    ApiTokens tokens = new ApiTokens(database, clock);
    this.sessions = new Sessions(database, clock, config.sessionLifetime());
    this.authentication = new StoredAuthentication(sessions, tokens, cookie);
    this.logins = logins;
    SignUpRule signUp = SignUpRule.of(config, http.isLoopback());
    this.routes =
        List.of(
            new UserRoutes(users, sessions, passwords, clock, signUp, suspension, version),
            new LoginRoutes(
                logins,
                new Identities(database, clock),
                users,
                sessions,
                signUp,
                cookie,
                config.sessionLifetime(),
                database,
                clock),
            new SessionRoutes(users, sessions, passwords, cookie, config.sessionLifetime()),
            new TokenRoutes(tokens, clock));
  }

  public List<Routes> routes() {
    return routes;
  }

  /** Who presents which token. */
  public Authentication authentication() {
    return authentication;
  }

  /** Forgets what expired; to be called now and then. */
  public void forgetExpired() {
    sessions.forgetExpired();
    logins.forgetExpired();
  }
}
