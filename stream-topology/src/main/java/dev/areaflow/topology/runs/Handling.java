package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.rows.Plan;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the calls of a step are made, and what its failure means.
 *
 * @param retry when a failed call is made again; null for the platform's schedule
 * @param timeout the longest that a call may take; null for the executors' own limit
 * @param onFailure what its failure means for the run
 * @param atMostOnce whether a call whose outcome is unknown is not made again
 * @param keepsOutput whether another step reads its output
 * @param withheld whether it is not carried out: it is not safe to repeat, and the run is of a
 *     replay
 */
public record Handling(
    Plan.@Nullable Retry retry,
    @Nullable Duration timeout,
    Plan.OnFailure onFailure,
    boolean atMostOnce,
    boolean keepsOutput,
    boolean withheld) {
  /** As steps are handled that say nothing about it. */
  public static final Handling USUAL =
      new Handling(null, null, Plan.OnFailure.STOP, false, false, false);

  /** What a plan says of a step. */
  public static Handling of(Plan.@Nullable Flow flow) {
    if (flow == null) {
      return USUAL;
    }
    return new Handling(
        flow.retry(),
        flow.timeout(),
        Optional.ofNullable(flow.onFailure()).orElse(Plan.OnFailure.STOP),
        flow.atMostOnce(),
        flow.keepsOutput(),
        false);
  }

  /** The same of a step that is not carried out. */
  Handling withhold() {
    return new Handling(retry, timeout, onFailure, atMostOnce, keepsOutput, true);
  }

  /** Whether a call that failed so may be made again. */
  boolean retries(@Nullable ErrorClass errorClass) {
    if (errorClass != ErrorClass.RETRYABLE && errorClass != ErrorClass.PERMANENT) {
      return false;
    }
    if (retry == null || retry.on().isEmpty()) {
      return errorClass == ErrorClass.RETRYABLE;
    }
    return retry.on().stream().anyMatch(errorClass.name()::equalsIgnoreCase);
  }
}
