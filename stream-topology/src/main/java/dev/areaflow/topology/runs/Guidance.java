package dev.areaflow.topology.runs;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a run has to know beside its steps whose steps do not all begin with it.
 *
 * @param ordinary how many of the steps are the AREA's reactions; those behind them tell of its
 *     failure
 * @param outputBytes of the steps' outputs that are kept for others, together
 * @param serial whether the next run of the AREA waits for its end
 * @param place in the queue of the AREA's runs; 0 where it does not wait for an earlier one
 * @param failing what is told of its failure; null where nothing is
 */
public record Guidance(
    int ordinary, long outputBytes, boolean serial, long place, @Nullable Failing failing) {

  /**
   * A failure that is told of.
   *
   * @param stepId the step that failed
   * @param since since when the AREA's runs fail
   */
  public record Failing(String stepId, Instant since) {}

  Guidance withOutputBytes(long bytes) {
    return new Guidance(ordinary, bytes, serial, place, failing);
  }

  Guidance withFailing(@Nullable Failing next) {
    return new Guidance(ordinary, outputBytes, serial, place, next);
  }

  Guidance withPlace(long next) {
    return new Guidance(ordinary, outputBytes, serial, next, failing);
  }

  /** Whether it waits for an earlier run of its AREA. */
  public boolean isQueued() {
    return place > 0;
  }
}
