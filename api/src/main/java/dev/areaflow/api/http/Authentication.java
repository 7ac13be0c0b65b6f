package dev.areaflow.api.http;

import java.util.Optional;

/** Finds out who presents a token. */
public interface Authentication {

  /** The caller of a Bearer token, a session's or an API token; empty where it is not valid. */
  Optional<Caller> bearer(String token);

  /** The caller of the session cookie; empty where it is not valid. */
  Optional<Caller> cookie(String value);

  /** Name of the session cookie. */
  String cookieName();
}
