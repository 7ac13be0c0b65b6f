package dev.areaflow.benchmarks;

import java.time.Duration;

/**
 * What was measured of one contender.
 *
 * @param closed as fast as 16 connections get their answers
 * @param sustained the highest rate on a schedule that left no backlog
 * @param answers nine tenths of that, on a schedule, over 16 connections
 * @param quiet 200 events a second
 * @param memory the most that was seen
 * @param startUp of an empty data directory
 * @param secondStartUp on the data of the measurement
 */
record Measurement(
    Load closed,
    Load sustained,
    Load answers,
    Load quiet,
    ProcessTree.Memory memory,
    Duration startUp,
    Duration secondStartUp) {

  /**
   * One run of the load.
   *
   * @param rate deliveries a second that were asked for; 0 in the closed loop
   * @param acceptedPerSecond deliveries accepted
   * @param reactionsPerSecond different deliveries that arrived at the sink while the load ran
   * @param backlog deliveries accepted that had not arrived when the load ended
   * @param refused deliveries not accepted
   * @param missing deliveries accepted that never arrived
   * @param repeated arrivals beyond the first of a delivery
   * @param answer of the webhook
   * @param eventToReaction from the schedule to the sink
   * @param processorMicrosPerEvent processor time of all processes for one event, backlog included
   */
  record Load(
      int rate,
      double acceptedPerSecond,
      double reactionsPerSecond,
      long backlog,
      long refused,
      long missing,
      long repeated,
      Latency answer,
      Latency eventToReaction,
      double processorMicrosPerEvent) {
    private static final double ON_SCHEDULE = 0.98;

    /**
     * Whether the contender kept up: everything accepted in time, less than half a second behind.
     */
    boolean isSustained() {
      return refused == 0
          && missing == 0
          && acceptedPerSecond >= rate * ON_SCHEDULE
          && backlog <= Math.max(100, rate / 2);
    }
  }
}
