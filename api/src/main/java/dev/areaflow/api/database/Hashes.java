package dev.areaflow.api.database;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** What stands in tables for what only its bearer may know. */
public final class Hashes {
  private Hashes() {}

  /** SHA-256; it needs no salt where the text is so random that there is nothing to guess. */
  public static byte[] of(String random) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(random.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
