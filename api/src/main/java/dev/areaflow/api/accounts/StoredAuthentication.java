package dev.areaflow.api.accounts;

import dev.areaflow.api.http.Authentication;
import dev.areaflow.api.http.Caller;
import java.util.Optional;

/** Authentication by the sessions and API tokens in the database. */
final class StoredAuthentication implements Authentication {
  private final Sessions sessions;
  private final ApiTokens tokens;
  private final SessionCookie cookie;

  StoredAuthentication(Sessions sessions, ApiTokens tokens, SessionCookie cookie) {
    this.sessions = sessions;
    this.tokens = tokens;
    this.cookie = cookie;
  }

  @Override
  public Optional<Caller> bearer(String value) {
    Token token = new Token(value);
    return token.isApiToken()
        ? tokens.caller(token)
        : sessions.caller(token, Caller.Credential.SessionToken::new);
  }

  @Override
  public Optional<Caller> cookie(String value) {
    return sessions.caller(new Token(value), Caller.Credential.SessionCookie::new);
  }

  @Override
  public String cookieName() {
    return cookie.name();
  }
}
