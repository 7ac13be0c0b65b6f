package dev.areaflow.api.topics;

import java.time.Duration;

/**
 * How much one look into a topic may cost.
 *
 * @param records most records read
 * @param bytes most bytes read, keys and values; one record is read whatever its size
 * @param time most time spent
 */
public record Bounds(int records, long bytes, Duration time) {

  /** As much, within this time where it is longer. */
  Bounds withAtLeast(Duration other) {
    return other.compareTo(time) > 0 ? new Bounds(records, bytes, other) : this;
  }

  /** An equal part of these for each of some looks. */
  Bounds dividedBy(int looks) {
    return new Bounds(records / looks, bytes / looks, time.dividedBy(looks));
  }
}
