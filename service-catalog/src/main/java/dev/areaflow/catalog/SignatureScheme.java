package dev.areaflow.catalog;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a delivery proves who sent it. Immutable and safe for several threads. */
sealed interface SignatureScheme permits HmacScheme, Ed25519Scheme, TokenScheme, JwtScheme {

  /** Makes what a manifest says of it. */
  static SignatureScheme of(Manifest.VerifyPart part) {
    return switch (part.type()) {
      case "hmac" -> HmacScheme.of(part);
      case "ed25519" -> Ed25519Scheme.of(part);
      case "jwt" -> JwtScheme.of(part);
      case "token" -> new TokenScheme(part.header());
      default -> throw new IllegalStateException("the manifest's JSON Schema knows no such type");
    };
  }

  /** The name of the header with the proof, in lower case. */
  String header();

  /** The input that holds the sender's public key; empty where the hook's own secret is the key. */
  default Optional<String> keyInput() {
    return Optional.empty();
  }

  /**
   * Whether a sender that has one of the keys sent this; as slow for each that has not.
   *
   * @param keys the secrets, or the public key of {@link #keyInput}
   */
  boolean verifies(Delivery delivery, List<String> keys);

  /**
   * The headers that a sender adds to a delivery, which may hold a timestamp and an id already.
   *
   * @param secret the hook's, or the private key to the public one
   */
  Map<String, String> sign(Delivery delivery, String secret);
}
