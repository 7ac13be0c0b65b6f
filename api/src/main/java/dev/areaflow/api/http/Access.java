package dev.areaflow.api.http;

/** What a route asks of its caller: a {@link Scope}, or one of the two rules without one. */
public sealed interface Access permits Scope, Access.Basic {

  /** Access without a scope. */
  enum Basic implements Access {
    /** No login. */
    ANYONE,
    /** No login; who calls is known where a session or token comes with it. */
    MAYBE_LOGGED_IN,
    /** Any valid token or session. */
    LOGGED_IN
  }
}
