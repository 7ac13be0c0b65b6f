package dev.areaflow.api.accounts;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
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
    try {
      return MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "***";
  }
}
