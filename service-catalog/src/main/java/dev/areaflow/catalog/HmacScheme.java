package dev.areaflow.catalog;

import dev.areaflow.catalog.Manifest.VerifyPart;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A keyed hash (HMAC, RFC 2104) of the body, alone or together with others, in a header: of GitHub,
 * Slack, Stripe, Twilio, Trello, Standard Webhooks and many others.
 *
 * @param in where the signature is
 * @param algorithm as Java names it
 * @param signed what is signed
 * @param key how the secret becomes the key
 */
record HmacScheme(SignatureHeader in, String algorithm, SignedText signed, HmacKey key)
    implements SignatureScheme {

  static HmacScheme of(VerifyPart part) {
    return new HmacScheme(
        SignatureHeader.of(part),
        "Hmac" + String.valueOf(part.hash()).toUpperCase(Locale.ROOT),
        SignedText.of(part),
        HmacKey.of(part));
  }

  @Override
  public String header() {
    return in.name();
  }

  @Override
  public boolean verifies(Delivery delivery, List<String> keys) {
    String value = delivery.headers().get(in.name());
    if (value == null) {
      return false;
    }
    Optional<List<byte[]>> text = signed.fresh(delivery, in, value);
    if (text.isEmpty()) {
      return false;
    }
    List<byte[]> given = in.signatures(value);
    boolean matches = false;
    for (String secret : keys) {
      Optional<byte[]> expected = key.hash(algorithm, secret, text.get());
      for (byte[] signature : given) {
        matches |= expected.isPresent() && MessageDigest.isEqual(expected.get(), signature);
      }
    }
    return matches;
  }

  @Override
  public Map<String, String> sign(Delivery delivery, String secret) {
    return signed.headers(
        delivery,
        in,
        text ->
            key.hash(algorithm, secret, text)
                .orElseThrow(() -> new IllegalArgumentException("the secret is no key")));
  }
}
