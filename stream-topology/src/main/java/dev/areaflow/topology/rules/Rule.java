package dev.areaflow.topology.rules;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an AREA does with the events that its condition lets through, each key's apart. Functions of
 * their arguments alone: the same events and times always give the same firings.
 *
 * <p>Time is that of records and never goes back. Whoever asks sees to it that {@link #due} is
 * called for what is due by a time before an event of that time comes. A window is half open: what
 * comes just as it ends is outside.
 */
public sealed interface Rule permits Absence, Change, Count, Debounce, Digest, Sequence, Throttle {

  /** The most events that one key keeps; a rule that waits for more does not wait any longer. */
  int MOST_EVENTS = 1_000;

  /**
   * What is remembered before any event came.
   *
   * @param now when the rule begins
   */
  default Optional<Memory> begin(Instant now) {
    return Optional.empty();
  }

  /**
   * An event comes.
   *
   * @param before what is remembered; null if nothing
   */
  Turn on(@Nullable Memory before, Arrival arrival);

  /**
   * The time of {@link Memory#dueAt} has come.
   *
   * @param time that time: what waits for longer is not late for it
   */
  Turn due(Memory before, Instant time);
}
