package dev.areaflow.ingest.requests;

import java.time.Duration;

/**
 * How many events a replay may write by now: so many a second, evenly. What a pause has missed is
 * made up for by a second's worth at most. For one thread.
 */
final class Pace {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final long intervalNanos;
  private long nextNanos;

  /**
   * @param perSecond from 1
   * @param nowNanos of a clock that only its differences matter of
   */
  Pace(int perSecond, long nowNanos) {
    this.intervalNanos = SECOND / perSecond;
    this.nextNanos = nowNanos;
  }

  int due(long nowNanos) {
    long late = Math.min(nowNanos - nextNanos, SECOND - intervalNanos);
    return late < 0 ? 0 : Math.toIntExact(late / intervalNanos + 1);
  }

  void spend(int events, long nowNanos) {
    long earliest = nowNanos - (SECOND - intervalNanos);
    nextNanos = (nextNanos - earliest < 0 ? earliest : nextNanos) + events * intervalNanos;
  }
}
