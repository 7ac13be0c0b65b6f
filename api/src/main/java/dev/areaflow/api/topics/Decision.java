package dev.areaflow.api.topics;

import java.util.Optional;
import java.util.UUID;

/**
 * Why an AREA did or did not fire on an event.
 *
 * @param generation 0 for what came in; counts how often the event was run again
 * @param detail why, where there is more to say than the result
 */
public record Decision(
    UUID areaId, long areaVersion, int generation, Result result, Optional<String> detail) {

  /** What was decided. */
  public enum Result {
    /** A run was made. */
    MATCHED,
    /** The condition did not hold. */
    FILTERED,
    /** The condition had no value. */
    ERROR,
    /** The event came before. */
    DUPLICATE,
    /** The rule keeps it, and may fire later. */
    KEPT,
    /** The rule does not count it. */
    DROPPED
  }
}
