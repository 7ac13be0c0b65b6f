package dev.areaflow.catalog;

import java.util.List;
import java.util.Map;

/** How a delivery proves who sent it. Immutable and safe for several threads. */
sealed interface SignatureScheme permits HmacScheme, TokenScheme {

  /** Makes what a manifest says of it. */
  static SignatureScheme of(Manifest.VerifyPart part) {
    return switch (part.type()) {
      case "hmac" -> HmacScheme.of(part);
      case "token" -> new TokenScheme(part.header());
      default -> throw new IllegalStateException("the manifest's JSON Schema knows no such type");
    };
  }

  /** The name of the header with the proof, in lower case. */
  String header();

  /** Whether a sender that has one of the secrets sent this; as slow for each that has not. */
  boolean verifies(Delivery delivery, List<String> secrets);

  /** The headers that a sender adds to a delivery, which may hold a timestamp and an id already. */
  Map<String, String> sign(Delivery delivery, String secret);
}
