package dev.areaflow.executors;

import java.time.Duration;

/**
 * How many calls were made and failed within the latest time, to a tenth of it. Not thread-safe.
 */
final class CallWindow {
  private static final int SLICES = 10;

  private final long sliceNanos;
  private final long[] numbers = new long[SLICES];
  private final int[] calls = new int[SLICES];
  private final int[] failures = new int[SLICES];

  /** What was counted. */
  record Sum(int calls, int failures) {}

  CallWindow(Duration length) {
    sliceNanos = Math.max(1, length.toNanos() / SLICES);
  }

  void count(long nowNanos, boolean failed) {
    long number = Math.floorDiv(nowNanos, sliceNanos);
    int slice = Math.floorMod(number, SLICES);
    if (numbers[slice] != number) {
      numbers[slice] = number;
      calls[slice] = 0;
      failures[slice] = 0;
    }
    calls[slice]++;
    failures[slice] += failed ? 1 : 0;
  }

  Sum sum(long nowNanos) {
    long newest = Math.floorDiv(nowNanos, sliceNanos);
    int allCalls = 0;
    int allFailures = 0;
    for (int slice = 0; slice < SLICES; slice++) {
      if (newest - numbers[slice] < SLICES) {
        allCalls += calls[slice];
        allFailures += failures[slice];
      }
    }
    return new Sum(allCalls, allFailures);
  }
}
