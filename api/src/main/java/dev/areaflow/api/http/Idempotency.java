package dev.areaflow.api.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.database.Database;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * {@code Idempotency-Key}: the same request with the same key gets the same answer for 24 hours,
 * and happens once.
 *
 * <p>The row that claims the key, what the handler does, and the stored answer commit together: a
 * crash leaves all of it or nothing. A duplicate that arrives meanwhile waits for the first one's
 * commit and then gets its answer; where that takes too long it gets a 409. Only successes are
 * kept: a request that failed changed nothing and may be sent again.
 *
 * <p>Some answers hold secrets that are shown once. Hence nothing of a request or answer is stored
 * in the clear: the row is found by a hash of caller and key, the request is compared by an HMAC,
 * and the answer is encrypted (AES-256-GCM), both under keys derived from the client's {@code
 * Idempotency-Key}, which is not stored. Who reads the table alone learns nothing, as long as
 * clients use unguessable keys, for example UUIDs.
 */
public final class Idempotency {
  static final String HEADER = "Idempotency-Key";

  private static final Duration KEPT = Duration.ofHours(24);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7E]{1,255}");
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final Database database;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  public Idempotency(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** Answers a call that may carry the header. */
  Answer once(Call call, Route route, Optional<Caller> caller) {
    Optional<String> key = call.header(HEADER);
    if (key.isEmpty()) {
      return route.preparation().prepare(call).handle(call);
    }
    if (!KEY.matcher(key.get()).matches()) {
      throw Problem.parameter(HEADER, "expected 1 to 255 visible ASCII characters, e.g. a UUID");
    }
    String owner = caller.map(Caller::userId).map(UUID::toString).orElse("anyone");
    byte[] id = sha256(owner + "\n" + key.get());
    byte[] fingerprint =
        hmac(
            key.get(), "request", (route.method() + " " + call.requestPath() + "\n"), call.bytes());
    Optional<Answer> known =
        database
            .jdbi()
            .withHandle(
                handle -> stored(handle, id, key.get(), fingerprint, clock.instant().minus(KEPT)));
    if (known.isPresent()) {
      return known.get();
    }
    Route.Handler handler = route.preparation().prepare(call);
    if (handler.changesNothing()) {
      return handler.handle(call);
    }
    return database
        .jdbi()
        .inTransaction(
            handle -> {
              if (claim(handle, id, fingerprint)) {
                Answer answer = handler.handle(call);
                store(handle, id, seal(key.get(), answer));
                return answer;
              }
              return stored(handle, id, key.get(), fingerprint, Instant.EPOCH).orElseThrow();
            });
  }

  /** Whether this transaction is the one that owns the key now. */
  private boolean claim(Handle handle, byte[] id, byte[] fingerprint) {
    Instant now = clock.instant();
    handle.execute("SET LOCAL lock_timeout = '" + PATIENCE.toMillis() + "ms'");
    try {
      boolean claimed =
          handle
                  .createUpdate(
                      """
                      INSERT INTO idempotency_keys (id, fingerprint, answer, created_at)
                      VALUES (:id, :fingerprint, NULL, :now)
                      ON CONFLICT (id) DO UPDATE
                      SET fingerprint = excluded.fingerprint, answer = NULL, created_at = excluded.created_at
                      WHERE idempotency_keys.created_at < :oldest
                      """)
                  .bind("id", id)
                  .bind("fingerprint", fingerprint)
                  .bind("now", now)
                  .bind("oldest", now.minus(KEPT))
                  .execute()
              == 1;
      handle.execute("SET LOCAL lock_timeout = DEFAULT");
      return claimed;
    } catch (JdbiException e) {
      if (e.getCause() instanceof SQLException sql
          && LOCK_NOT_AVAILABLE.equals(sql.getSQLState())) {
        throw Problem.conflict("", "A request with this Idempotency-Key is still being answered.");
      }
      throw e;
    }
  }

  private static void store(Handle handle, byte[] id, byte[] answer) {
    handle
        .createUpdate("UPDATE idempotency_keys SET answer = :answer WHERE id = :id")
        .bind("id", id)
        .bind("answer", answer)
        .execute();
  }

  /** The answer of a key that was used since {@code oldest}. */
  private static Optional<Answer> stored(
      Handle handle, byte[] id, String key, byte[] fingerprint, Instant oldest) {
    return handle
        .createQuery(
            "SELECT fingerprint, answer FROM idempotency_keys"
                + " WHERE id = :id AND created_at >= :oldest")
        .bind("id", id)
        .bind("oldest", oldest)
        .map(
            (row, context) -> {
              if (!MessageDigest.isEqual(row.getBytes("fingerprint"), fingerprint)) {
                throw Problem.invalid(
                    "", "This Idempotency-Key was used for another request; take a fresh one.");
              }
              return open(key, row.getBytes("answer"));
            })
        .findOne();
  }

  /** Forgets answers older than a day; to be called now and then. */
  public void forgetOld() {
    database.forget("idempotency_keys", "created_at", clock.instant().minus(KEPT));
  }

  private byte[] seal(String key, Answer answer) {
    if (answer.stream() != null) {
      throw new IllegalArgumentException("expected a whole answer, found one that is streamed");
    }
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("status", answer.status());
    content.put("headers", answer.headers());
    content.put("body", answer.body());
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] sealed = crypt(Cipher.ENCRYPT_MODE, key, nonce, Json.write(content));
    byte[] both = Arrays.copyOf(nonce, nonce.length + sealed.length);
    System.arraycopy(sealed, 0, both, nonce.length, sealed.length);
    return both;
  }

  private static Answer open(String key, byte[] both) {
    byte[] nonce = Arrays.copyOf(both, NONCE_BYTES);
    byte[] sealed = Arrays.copyOfRange(both, NONCE_BYTES, both.length);
    JsonNode content =
        Json.readStored(
            new String(crypt(Cipher.DECRYPT_MODE, key, nonce, sealed), StandardCharsets.UTF_8));
    Map<String, String> headers = new LinkedHashMap<>();
    content
        .get("headers")
        .properties()
        .forEach(h -> headers.put(h.getKey(), h.getValue().textValue()));
    return new Answer(
        content.get("status").intValue(),
        headers,
        Base64.getDecoder().decode(content.get("body").textValue()));
  }

  private static byte[] crypt(int mode, String key, byte[] nonce, byte[] content) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(
          mode,
          new SecretKeySpec(hmac(key, "answer", "", new byte[0]), "AES"),
          new GCMParameterSpec(TAG_BITS, nonce));
      return cipher.doFinal(content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a stored answer could not be sealed or opened", e);
    }
  }

  private static byte[] hmac(String key, String purpose, String head, byte[] rest) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
      mac.update((purpose + "\n" + head).getBytes(StandardCharsets.UTF_8));
      return mac.doFinal(rest);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
