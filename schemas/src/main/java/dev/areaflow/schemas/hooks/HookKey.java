package dev.areaflow.schemas.hooks;

import dev.areaflow.schemas.config.Secret;
import dev.areaflow.schemas.config.Setting;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The platform's key for hooks. A hook's URL token is its id and a 128-bit MAC under this key, and
 * its signing secret is derived from this key, the id and the secret's generation: neither is
 * stored anywhere, and both can be checked without a database (HMAC-SHA256, RFC 2104).
 *
 * <p>Safe for several threads.
 */
public final class HookKey {
  private static final int ID_BYTES = 16;
  private static final int MAC_BYTES = 16;
  private static final int LEAST_KEY_BYTES = 32;

  /** The key's setting, in Base64; api and ingest must have the same. */
  public static final Setting<Secret> SETTING =
      Setting.required(
              "hooks.key",
              text -> {
                var _ = new HookKey(text);
                return new Secret(text);
              },
              "Key of hook URLs and secrets: at least 32 random bytes in Base64, the same for api"
                  + " and ingest.")
          .asConfidential();

  private final SecretKeySpec key;

  /**
   * @param base64 at least 256 bits, in standard Base64
   * @throws IllegalArgumentException if it is shorter or not Base64
   */
  public HookKey(String base64) {
    this.key = new SecretKeySpec(bytes(base64), "HmacSHA256");
  }

  private static byte[] bytes(String base64) {
    try {
      byte[] bytes = Base64.getDecoder().decode(base64.strip());
      if (bytes.length >= LEAST_KEY_BYTES) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // falls through to the one message below; this exception's shows a part of the key
    }
    throw new IllegalArgumentException(
        "expected at least 32 bytes in Base64, e.g. the output of: openssl rand -base64 32");
  }

  /** The token that stands in a hook's URL: 43 characters, URL-safe. */
  public String token(UUID hookId) {
    byte[] id = bytes(hookId);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(ByteBuffer.allocate(ID_BYTES + MAC_BYTES).put(id).put(mac(id)).array());
  }

  /** The hook that a token names, empty where the token was not made with this key. */
  public Optional<UUID> verify(String token) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(token);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (bytes.length != ID_BYTES + MAC_BYTES) {
      return Optional.empty();
    }
    byte[] id = Arrays.copyOf(bytes, ID_BYTES);
    byte[] mac = Arrays.copyOfRange(bytes, ID_BYTES, bytes.length);
    if (!MessageDigest.isEqual(mac, mac(id))) {
      return Optional.empty();
    }
    ByteBuffer buffer = ByteBuffer.wrap(id);
    return Optional.of(new UUID(buffer.getLong(), buffer.getLong()));
  }

  /**
   * The signing secret of a hook, as its owner enters it at the provider: 64 hexadecimal
   * characters.
   *
   * @param generation counts renewals from 1
   */
  public String secret(UUID hookId, int generation) {
    return HexFormat.of().formatHex(hmac("secret", bytes(hookId), generation));
  }

  private byte[] mac(byte[] id) {
    return Arrays.copyOf(hmac("token", id, 0), MAC_BYTES);
  }

  private byte[] hmac(String purpose, byte[] id, int generation) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(purpose.getBytes(StandardCharsets.UTF_8));
      mac.update(id);
      mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(generation).array());
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HmacSHA256 is part of every Java platform", e);
    }
  }

  private static byte[] bytes(UUID id) {
    return ByteBuffer.allocate(ID_BYTES)
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits())
        .array();
  }
}
