package dev.areaflow.api.accounts;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import dev.areaflow.api.http.Problem;
import java.text.Normalizer;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Hashes passwords with Argon2id (46 MiB, one pass, one lane: OWASP's first choice). Each hash
 * costs that memory and tens of milliseconds of a core, so only a few are made at a time; the
 * others wait for a moment and are then refused.
 *
 * <p>Safe for several threads.
 */
public final class Passwords {
  static final int LEAST_CHARACTERS = 8;
  static final int MOST_CHARACTERS = 256;

  private static final int KIBIBYTES = 46 * 1024;
  private static final int HASH_BYTES = 32;
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final Argon2Function argon2;
  private final Semaphore slots =
      new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors() / 2), true);
  // compared with where there is no such user, so that both cases take the same time
  private final String nobodys;

  public Passwords() {
    this(KIBIBYTES);
  }

  /**
   * @param kibibytes what a hash costs; less than what guards passwords is for tests
   */
  Passwords(int kibibytes) {
    this.argon2 = Argon2Function.getInstance(kibibytes, 1, 1, HASH_BYTES, Argon2.ID);
    this.nobodys = argon2.hash("nobody's password").getResult();
  }

  static boolean isAcceptable(String password) {
    int characters = password.codePointCount(0, password.length());
    return characters >= LEAST_CHARACTERS && characters <= MOST_CHARACTERS;
  }

  /**
   * A hash to store, with its salt and parameters.
   *
   * @throws Problem 503 where too many wait
   */
  String hash(String password) {
    return inSlot(() -> argon2.hash(normalised(password)).getResult());
  }

  /**
   * Whether the hash was made from this password.
   *
   * @throws Problem 503 where too many wait
   */
  boolean matches(String password, String hash) {
    return inSlot(() -> Argon2Function.getInstanceFromHash(hash).check(normalised(password), hash));
  }

  /** Takes as long as {@link #matches}, for names that nobody has. */
  void matchNobody(String password) {
    matches(password, nobodys);
  }

  /** Whether a hash was made with other parameters than those of today. */
  boolean isOutdated(String hash) {
    return !argon2.equals(Argon2Function.getInstanceFromHash(hash));
  }

  /** The same characters typed on another keyboard are the same password (NIST 800-63B). */
  private static String normalised(String password) {
    return Normalizer.normalize(password, Normalizer.Form.NFKC);
  }

  private <T> T inSlot(Supplier<T> work) {
    try {
      if (!slots.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw Problem.unavailable("Too many logins at this moment.", PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unavailable("The API is stopping.", PATIENCE);
    }
    try {
      return work.get();
    } finally {
      slots.release();
    }
  }
}
