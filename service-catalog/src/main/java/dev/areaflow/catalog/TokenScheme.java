package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.List;
import java.util.Map;

/**
 * The secret itself in a header, as GitLab and Telegram send it.
 *
 * @param header its name in lower case
 */
record TokenScheme(String header) implements SignatureScheme {
  @Override
  public boolean verifies(Delivery delivery, List<String> keys) {
    String given = delivery.headers().get(header);
    if (given == null) {
      return false;
    }
    boolean matches = false;
    for (String secret : keys) {
      matches |= MessageDigest.isEqual(secret.getBytes(UTF_8), given.getBytes(UTF_8));
    }
    return matches;
  }

  @Override
  public Map<String, String> sign(Delivery delivery, String secret) {
    return Map.of(header, secret);
  }
}
