package dev.areaflow.api.http;

import java.util.Set;
import java.util.UUID;

/**
 * Who calls.
 *
 * @param userId owner of everything that the call may see
 * @param role the user's role
 * @param scopes what this credential may do
 * @param credential what it was authenticated by
 */
public record Caller(UUID userId, UserRole role, Set<Scope> scopes, Credential credential) {
  public Caller {
    scopes = Set.copyOf(scopes);
  }

  /**
   * Asks for what not all of a route needs.
   *
   * @throws Problem 403 where this credential may not do it
   */
  public void require(Scope scope) {
    if (!scopes.contains(scope)) {
      throw Problem.missingScope(scope);
    }
  }

  /** Who is named for what the call does. */
  public Actor actor() {
    return new Actor(
        userId, credential instanceof Credential.ApiToken(UUID _, String name) ? name : null);
  }

  /** What a caller presented. */
  public sealed interface Credential {
    UUID id();

    /** A session's token as Bearer. */
    record SessionToken(UUID id) implements Credential {}

    /** A session's token in the cookie: browsers send it by themselves. */
    record SessionCookie(UUID id) implements Credential {}

    /**
     * An API token.
     *
     * @param name what its owner calls it
     */
    record ApiToken(UUID id, String name) implements Credential {}
  }
}
