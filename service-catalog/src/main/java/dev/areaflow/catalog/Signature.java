package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The hexadecimal HMAC-SHA-256 of a raw body in a header, the one kind of signature that manifests
 * have so far.
 *
 * @param header its name in lower case
 * @param prefix what stands before the signature
 */
record Signature(String header, String prefix) {
  private static final String ALGORITHM = "HmacSHA256";

  /** Whether one of the secrets has signed the body; takes as long for each wrong signature. */
  boolean matches(@Nullable String value, byte[] body, List<String> secrets) {
    if (value == null || !value.startsWith(prefix)) {
      return false;
    }
    byte[] given;
    try {
      given = HexFormat.of().parseHex(value, prefix.length(), value.length());
    } catch (IllegalArgumentException e) {
      return false;
    }
    boolean matches = false;
    for (String secret : secrets) {
      matches |= MessageDigest.isEqual(hmac(secret, body), given);
    }
    return matches;
  }

  /** The header's value for a body. */
  String of(String secret, byte[] body) {
    return prefix + HexFormat.of().formatHex(hmac(secret, body));
  }

  private static byte[] hmac(String secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), ALGORITHM));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }
}
