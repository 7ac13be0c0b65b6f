package dev.areaflow.catalog;

import dev.areaflow.catalog.Manifest.VerifyPart;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An Ed25519 signature (RFC 8032) in a header, as Discord makes it. Its key is the sender's and
 * public: an input of the hook, in 64 hexadecimal digits, and no secret.
 *
 * @param in where the signature is
 * @param signed what is signed
 * @param publicKey the input with the key
 */
record Ed25519Scheme(SignatureHeader in, SignedText signed, String publicKey)
    implements SignatureScheme {
  private static final String ALGORITHM = "Ed25519";

  /** What X.509 puts before the 32 bytes of such a key. */
  private static final byte[] X509 = HexFormat.of().parseHex("302a300506032b6570032100");

  private static final int KEY_BYTES = 32;

  static Ed25519Scheme of(VerifyPart part) {
    return new Ed25519Scheme(
        SignatureHeader.of(part), SignedText.of(part), String.valueOf(part.publicKey()));
  }

  @Override
  public String header() {
    return in.name();
  }

  @Override
  public Optional<String> keyInput() {
    return Optional.of(publicKey);
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
    boolean matches = false;
    for (String key : keys) {
      Optional<PublicKey> known = key(key);
      for (byte[] signature : in.signatures(value)) {
        matches |= known.isPresent() && verifies(known.get(), text.get(), signature);
      }
    }
    return matches;
  }

  private static boolean verifies(PublicKey key, List<byte[]> text, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(ALGORITHM);
      verifier.initVerify(key);
      for (byte[] piece : text) {
        verifier.update(piece);
      }
      return verifier.verify(signature);
    } catch (SignatureException | InvalidKeyException e) {
      return false; // not of its length, or no point of the curve
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  private static Optional<PublicKey> key(String text) {
    try {
      byte[] raw = HexFormat.of().parseHex(text);
      if (raw.length != KEY_BYTES) {
        return Optional.empty();
      }
      byte[] encoded = new byte[X509.length + KEY_BYTES];
      System.arraycopy(X509, 0, encoded, 0, X509.length);
      System.arraycopy(raw, 0, encoded, X509.length, KEY_BYTES);
      return Optional.of(
          KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded)));
    } catch (IllegalArgumentException | InvalidKeySpecException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  @Override
  public Map<String, String> sign(Delivery delivery, String secret) {
    return signed.headers(delivery, in, text -> signature(text, secret));
  }

  private static byte[] signature(List<byte[]> text, String privateKey) {
    try {
      Signature signer = Signature.getInstance(ALGORITHM);
      signer.initSign(
          KeyFactory.getInstance(ALGORITHM)
              .generatePrivate(
                  new EdECPrivateKeySpec(
                      NamedParameterSpec.ED25519, HexFormat.of().parseHex(privateKey))));
      for (byte[] piece : text) {
        signer.update(piece);
      }
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("expected a private key of 64 hexadecimal digits", e);
    }
  }
}
