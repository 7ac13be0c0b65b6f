package dev.areaflow.topology;

import java.time.Duration;

/** How long to wait before each next life of the application: ever longer, unless one was good. */
final class RestartPauses {
  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration LONGEST = Duration.ofSeconds(10);

  /** A life longer than this was a good one, however it ended; what ended it is new. */
  private static final Duration GOOD_LIFE = Duration.ofMinutes(1);

  private Duration next = FIRST;

  /** The pause after a life that lasted so long. */
  Duration after(Duration life) {
    Duration pause = life.compareTo(GOOD_LIFE) > 0 ? FIRST : next;
    Duration twice = pause.multipliedBy(2);
    next = twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    return pause;
  }
}
