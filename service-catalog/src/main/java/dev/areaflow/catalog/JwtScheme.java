package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.catalog.Manifest.VerifyPart;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON Web Token under HMAC-SHA-256 (RFC 7515, HS256) that has not expired. It proves who sends,
 * and nothing of what is sent.
 *
 * @param header its name in lower case
 * @param prefix what stands before the token, for example {@code "Bearer "}
 * @param key how the secret becomes the key
 */
record JwtScheme(String header, String prefix, HmacKey key) implements SignatureScheme {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HASH = "HmacSHA256";
  private static final int PARTS = 3;

  /** How far the sender's clock may be off, and how long its tokens last in {@link #sign}. */
  private static final Duration LEEWAY = Duration.ofMinutes(1);

  static JwtScheme of(VerifyPart part) {
    return new JwtScheme(
        part.header(), part.prefix() == null ? "" : part.prefix(), HmacKey.of(part));
  }

  @Override
  public boolean verifies(Delivery delivery, List<String> keys) {
    String value = delivery.headers().get(header);
    if (value == null || !value.startsWith(prefix)) {
      return false;
    }
    String[] parts = value.substring(prefix.length()).split("\\.", -1);
    if (parts.length != PARTS) {
      return false;
    }
    Optional<JsonNode> about = json(parts[0]);
    Optional<byte[]> given = decoded(parts[2]);
    // the token names its own algorithm, and must not choose another than ours
    if (about.isEmpty()
        || !about.get().path("alg").asText().equals("HS256")
        || about.get().has("crit")
        || given.isEmpty()) {
      return false;
    }
    List<byte[]> text = List.of((parts[0] + "." + parts[1]).getBytes(UTF_8));
    boolean matches = false;
    for (String secret : keys) {
      Optional<byte[]> expected = key.hash(HASH, secret, text);
      matches |= expected.isPresent() && MessageDigest.isEqual(expected.get(), given.get());
    }
    return matches
        && json(parts[1]).filter(claims -> inForce(claims, delivery.receivedAt())).isPresent();
  }

  private static boolean inForce(JsonNode claims, Instant now) {
    JsonNode expires = claims.path("exp");
    JsonNode from = claims.path("nbf");
    double seconds = now.getEpochSecond();
    return expires.isNumber()
        && seconds < expires.doubleValue() + LEEWAY.toSeconds()
        && (from.isMissingNode()
            || (from.isNumber() && seconds >= from.doubleValue() - LEEWAY.toSeconds()));
  }

  private static Optional<JsonNode> json(String part) {
    return decoded(part)
        .flatMap(
            bytes -> {
              try {
                return Optional.ofNullable(JSON.readTree(bytes)).filter(JsonNode::isObject);
              } catch (IOException e) {
                return Optional.empty();
              }
            });
  }

  private static Optional<byte[]> decoded(String part) {
    try {
      return Optional.of(Base64.getUrlDecoder().decode(part));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public Map<String, String> sign(Delivery delivery, String secret) {
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    String expires = Long.toString(delivery.receivedAt().plus(LEEWAY).getEpochSecond());
    String text =
        encoder.encodeToString("{\"alg\":\"HS256\"}".getBytes(US_ASCII))
            + "."
            + encoder.encodeToString(("{\"exp\":" + expires + "}").getBytes(US_ASCII));
    byte[] hmac =
        key.hash(HASH, secret, List.of(text.getBytes(US_ASCII)))
            .orElseThrow(() -> new IllegalArgumentException("the secret is no key"));
    return Map.of(header, prefix + text + "." + encoder.encodeToString(hmac));
  }
}
