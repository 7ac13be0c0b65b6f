package dev.areaflow.launcher.endtoend;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/** Waiting for what must come true, with a limit and a name for what did not. */
final class Await {
  private static final Duration INTERVAL = Duration.ofMillis(20);

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
}
