package dev.areaflow.launcher.endtoend;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/** Waiting for what must come true, with a limit and a name for what did not. */
final class Await {
  private static final Duration INTERVAL = Duration.ofMillis(20);

  private Await() {}

  static <T> T until(String what, Duration patience, Callable<T> look, Predicate<T> wanted) {
    return await(what).atMost(patience).pollInterval(INTERVAL).until(look, wanted);
  }
}
