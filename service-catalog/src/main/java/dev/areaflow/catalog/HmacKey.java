package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.areaflow.catalog.Manifest.VerifyPart;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** How a secret becomes the key of a hash. */
enum HmacKey {
  TEXT,
  BASE64;

  static HmacKey of(VerifyPart part) {
    return part.key() == null ? TEXT : valueOf(part.key().toUpperCase(Locale.ROOT));
  }

  /** The keyed hash of a text; empty where the secret can be no key. */
  Optional<byte[]> hash(String algorithm, String secret, List<byte[]> text) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(bytes(secret), algorithm));
      text.forEach(mac::update);
      return Optional.of(mac.doFinal());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + algorithm, e);
    }
  }

  private byte[] bytes(String secret) {
    return switch (this) {
      case TEXT -> secret.getBytes(UTF_8);
      case BASE64 -> Base64.getDecoder().decode(secret);
    };
  }
}
