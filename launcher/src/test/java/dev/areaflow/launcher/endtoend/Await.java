package dev.areaflow.launcher.endtoend;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/** Waiting for what must come true, with a limit and a name for what did not. */
final class Await {
  private static final Duration INTERVAL = Duration.ofMillis(20);

  /** For looks that cost those time who are waited for. */
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

  private Await() {}

  /** Until that long after an instant; tells when that was seen. */
  static Instant after(Instant since, Duration duration) {
    return until(
        duration + " to pass",
        duration.multipliedBy(2),
        Instant::now,
        now -> now.isAfter(since.plus(duration)));
  }

  static <T> T until(String what, Duration patience, Callable<T> look, Predicate<T> wanted) {
    return await(what).atMost(patience).pollInterval(INTERVAL).until(look, wanted);
  }

  /**
   * For as long as what is seen changes; for work that a slow machine does slowly.
   *
   * @param patience how long it may stay as it is; ten times that it may take in all
   */
  static <T> T untilSettled(String what, Duration patience, Callable<T> look, Predicate<T> wanted) {
    AtomicReference<T> seen = new AtomicReference<>();
    Predicate<T> isNews = now -> wanted.test(now) || !now.equals(seen.get());
    Instant limit = Instant.now().plus(patience.multipliedBy(10));
    do {
      if (Instant.now().isAfter(limit)) {
        throw new AssertionError(what + ": still not, and still changing: " + seen.get());
      }
      seen.set(await(what).atMost(patience).pollInterval(LOOK_INTERVAL).until(look, isNews));
    } while (!wanted.test(seen.get()));
    return seen.get();
  }
}
