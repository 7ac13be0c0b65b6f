package dev.areaflow.catalog.http;

import java.time.Duration;

/**
 * How often a service may be called, as its provider says.
 *
 * @param scope whose calls are counted together
 * @param calls within any time as long as the window; at least 1
 * @param window at most a day
 */
public record CallLimit(Scope scope, int calls, Duration window) {
  /** Longest window. */
  public static final Duration LONGEST_WINDOW = Duration.ofDays(1);

  /** Whose calls are counted together. */
  public enum Scope {
    /** Those with the same connection; those without one are counted as one's, too. */
    CONNECTION,
    /** All. */
    SERVICE
  }

  /** Refuses, with an {@link IllegalArgumentException}, what allows no call or has no end. */
  public CallLimit {
    if (calls < 1 || !window.isPositive() || window.compareTo(LONGEST_WINDOW) > 0) {
      throw new IllegalArgumentException(
          "expected at least 1 call in a time of at most " + LONGEST_WINDOW);
    }
  }
}
