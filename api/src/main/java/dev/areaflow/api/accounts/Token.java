package dev.areaflow.api.accounts;

import dev.areaflow.api.database.Hashes;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * A bearer token: a prefix that tells its kind, and 256 random bits. It is shown once; the database
 * keeps {@link #hash}. No salt or slow hash is needed, since there is nothing to guess.
 *
 * @param value as its bearer sends it
 */
record Token(String value) {
  static final String API_PREFIX = "area_";
  static final String SESSION_PREFIX = "session_";
  private static final int BYTES = 32;

  static Token random(String prefix, SecureRandom random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return new Token(prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  boolean isApiToken() {
    return value.startsWith(API_PREFIX);
  }

  byte[] hash() {
    return Hashes.of(value);
  }

  @Override
  public String toString() {
    return "***";
  }
}
