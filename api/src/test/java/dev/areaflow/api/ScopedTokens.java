package dev.areaflow.api;

import dev.areaflow.api.http.Authentication;
import dev.areaflow.api.http.Caller;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.UserRole;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Tokens that need no database: each is a list of scopes, for example {@code areas:read,admin}. */
public final class ScopedTokens implements Authentication {
  /** A token that may do everything. */
  public static final String OF_EVERY_SCOPE =
      String.join(",", Arrays.stream(Scope.values()).map(Scope::text).toList());

  @Override
  public Optional<Caller> bearer(String token) {
    Set<Scope> scopes = new HashSet<>();
    for (String text : token.split(",", -1)) {
      Optional<Scope> scope = Scope.of(text);
      if (scope.isEmpty()) {
        return Optional.empty();
      }
      scopes.add(scope.get());
    }
    return Optional.of(
        new Caller(
            UUID.randomUUID(),
            UserRole.ADMIN,
            scopes,
            new Caller.Credential.ApiToken(UUID.randomUUID(), "test")));
  }

  @Override
  public Optional<Caller> cookie(String value) {
    return Optional.empty();
  }

  @Override
  public String cookieName() {
    return "none";
  }
}
