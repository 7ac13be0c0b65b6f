package dev.areaflow.launcher.client;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The headers with which GitHub delivers a webhook: event, delivery id, and the HMAC-SHA256 of the
 * raw body (docs.github.com, "Validating webhook deliveries").
 */
public final class GithubSignature {
  private GithubSignature() {}

  public static Map<String, String> headers(
      String event, String deliveryId, String secret, byte[] body) {
    return Map.of(
        "Content-Type",
        "application/json",
        "X-GitHub-Event",
        event,
        "X-GitHub-Delivery",
        deliveryId,
        "X-Hub-Signature-256",
        sign(secret, body));
  }

  public static String sign(String secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HmacSHA256 is part of every Java platform", e);
    }
  }
}
