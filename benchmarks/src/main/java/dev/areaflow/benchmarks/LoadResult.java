package dev.areaflow.benchmarks;

import java.util.Map;

/**
 * What came of a {@link LoadJob}.
 *
 * @param accepted answers with status 202
 * @param refused answers with other statuses, by status
 * @param failed deliveries without an answer
 * @param unsent deliveries of the schedule for which there was no time
 * @param seconds how long it took
 * @param answer from the time on the schedule (open loop) or from sending (closed loop) to the
 *     answer
 */
record LoadResult(
    long accepted,
    Map<Integer, Long> refused,
    long failed,
    long unsent,
    double seconds,
    Latency answer) {
  LoadResult {
    refused = Map.copyOf(refused);
  }

  double acceptedPerSecond() {
    return accepted / seconds;
  }

  /** Whether every delivery was accepted. */
  boolean isWhole() {
    return refused.isEmpty() && failed == 0 && unsent == 0;
  }
}
