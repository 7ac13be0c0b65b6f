package dev.areaflow.api.accounts;

import java.util.Locale;

/** Who may make an account, once there is a first user. */
public enum SignUp {
  /** Anyone who reaches the API. */
  OPEN,
  /** Nobody. */
  CLOSED;

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
