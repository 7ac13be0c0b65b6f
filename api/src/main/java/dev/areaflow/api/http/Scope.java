package dev.areaflow.api.http;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What an API token may do. A session has every scope that its user may have. */
public enum Scope implements Access {
  /** Read AREAs, their hooks and status, and try definitions. */
  AREAS_READ,
  /** Create, change, enable, disable and delete AREAs; renew hook secrets. */
  AREAS_WRITE,
  /** Read which accounts are connected, never their credentials. */
  CONNECTIONS_READ,
  /** Connect, test, rename and delete accounts. */
  CONNECTIONS_WRITE,
  /** Read the run log. */
  RUNS_READ,
  /** Cancel, retry and re-run runs. */
  RUNS_WRITE,
  /** Read events and their payloads. */
  EVENTS_READ,
  /** Change the user's own account and tokens; see what the user did. */
  ACCOUNT,
  /** Administer users, see what they did; for users of the role admin only. */
  ADMIN;

  /** As it stands in JSON, for example {@code areas:read}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', ':');
  }

  /** The scope of that text. */
  public static Optional<Scope> of(String text) {
    return Arrays.stream(values()).filter(scope -> scope.text().equals(text)).findFirst();
  }

  /** All scopes that a user of this role may have. */
  public static Set<Scope> allOf(UserRole role) {
    return switch (role) {
      case ADMIN -> EnumSet.allOf(Scope.class);
      case USER -> EnumSet.complementOf(EnumSet.of(ADMIN));
    };
  }
}
