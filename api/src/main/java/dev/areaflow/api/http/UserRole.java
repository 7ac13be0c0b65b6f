package dev.areaflow.api.http;

import java.util.Locale;

/** What a user is to the platform. */
public enum UserRole {
  ADMIN,
  USER;

  /** As it stands in JSON and in the database. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role of that text. */
  public static UserRole of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
