package dev.areaflow.benchmarks;

import org.HdrHistogram.Histogram;

/**
 * How long something took, in milliseconds.
 *
 * @param count how often it was measured
 */
record Latency(long count, double p50, double p90, double p99, double max) {
  private static final long LONGEST_MICROS = 600_000_000L;
  private static final int DIGITS = 3;

  /** A histogram of microseconds, up to ten minutes. */
  static Histogram histogram() {
    return new Histogram(LONGEST_MICROS, DIGITS);
  }

  /** A value that fits into such a histogram. */
  static long fitting(long micros) {
    return Math.clamp(micros, 0L, LONGEST_MICROS);
  }

  static Latency of(Histogram micros) {
    return new Latency(
        micros.getTotalCount(),
        micros.getValueAtPercentile(50) / 1_000.0,
        micros.getValueAtPercentile(90) / 1_000.0,
        micros.getValueAtPercentile(99) / 1_000.0,
        micros.getMaxValue() / 1_000.0);
  }
}
