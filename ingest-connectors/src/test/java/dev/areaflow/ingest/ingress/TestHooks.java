package dev.areaflow.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.areaflow.schemas.hooks.HookKey;
import dev.areaflow.schemas.rows.HookRow;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Rows of hooks, and what their owners know of them. */
final class TestHooks {
  static final HookKey KEY = new HookKey(Base64.getEncoder().encodeToString(new byte[32]));
  static final Instant NOW = Instant.parse("2026-06-01T10:00:00Z");

  private TestHooks() {}

  static HookRow row(UUID id, String service, String action, String inputs) {
    return new HookRow(
        id.toString(),
        "owner",
        service,
        action,
        inputs,
        1,
        null,
        1,
        true,
        NOW,
        null,
        null,
        null,
        0,
        false);
  }

  static HookRow version(HookRow row, long version) {
    return change(row, version, row.enabled(), row.deletedAt());
  }

  static HookRow disabled(HookRow row) {
    return change(row, row.version() + 1, false, row.deletedAt());
  }

  static HookRow deleted(HookRow row) {
    return change(row, row.version() + 1, row.enabled(), NOW);
  }

  private static HookRow change(HookRow row, long version, boolean enabled, Instant deletedAt) {
    return new HookRow(
        row.id(),
        row.ownerId(),
        row.service(),
        row.action(),
        row.inputs(),
        row.secretGeneration(),
        row.previousSecretUntil(),
        version,
        enabled,
        row.createdAt(),
        deletedAt,
        null,
        null,
        0,
        false);
  }

  /** The row once its hook listens with an account, and its webhook is set up. */
  static HookRow connected(HookRow row) {
    return new HookRow(
        row.id(),
        row.ownerId(),
        row.service(),
        row.action(),
        row.inputs(),
        row.secretGeneration(),
        null,
        row.version() + 1,
        row.enabled(),
        row.createdAt(),
        row.deletedAt(),
        null,
        "0197a6f0-0000-7000-8000-000000000009",
        0,
        true);
  }

  /** The row after its secret was renewed. */
  static HookRow renewed(HookRow row, Instant previousSecretUntil) {
    return new HookRow(
        row.id(),
        row.ownerId(),
        row.service(),
        row.action(),
        row.inputs(),
        row.secretGeneration() + 1,
        previousSecretUntil,
        row.version() + 1,
        row.enabled(),
        row.createdAt(),
        row.deletedAt(),
        null,
        null,
        0,
        false);
  }

  /**
   * The row of a secret's generation.
   *
   * @param previousUntil until when those before are valid, the newest first
   */
  static HookRow renewed(HookRow row, int generation, Instant... previousUntil) {
    return renewed(
        row,
        generation,
        Arrays.stream(previousUntil)
            .map(until -> "\"" + until + "\"")
            .collect(Collectors.joining(",", "[", "]")));
  }

  static HookRow renewed(HookRow row, int generation, String previousUntil) {
    return new HookRow(
        row.id(),
        row.ownerId(),
        row.service(),
        row.action(),
        row.inputs(),
        generation,
        null,
        row.version() + 1,
        row.enabled(),
        row.createdAt(),
        row.deletedAt(),
        previousUntil,
        null,
        0,
        false);
  }

  /** What a provider that was given the secret of a generation writes in its signature header. */
  static String signature(UUID id, int generation, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(KEY.secret(id, generation).getBytes(UTF_8), "HmacSHA256"));
      return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java has HmacSHA256", e);
    }
  }
}
