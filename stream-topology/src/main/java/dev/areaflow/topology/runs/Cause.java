package dev.areaflow.topology.runs;

import dev.areaflow.topology.rules.Firing;
import dev.areaflow.topology.rules.Kept;
import java.time.Instant;
import java.util.List;

/**
 * What a decision is about: an event and where it is kept, or a rule that fired.
 *
 * @param eventId the event, of several the last; empty where there is none
 * @param hookId its hook
 * @param partition in {@code area.events}
 * @param offset in {@code area.events}; -1 where there is no event
 * @param acceptedAt when the platform accepted it, by the clock of whoever did
 * @param recordedAt when the decision was due, by the broker's clock: the event's record time, or
 *     when the rule fired
 * @param generation 0 for live events; counts replays
 * @param events those that a rule collected, at most {@link #MOST_EVENTS} of them, the newest;
 *     empty without a rule
 */
public record Cause(
    String eventId,
    String hookId,
    int partition,
    long offset,
    Instant acceptedAt,
    Instant recordedAt,
    int generation,
    List<Kept> events) {
  /** Events of a firing that the run log shows. */
  public static final int MOST_EVENTS = 100;

  public Cause {
    events = List.copyOf(events);
  }

  /** An event without a rule. */
  public Cause(
      String eventId,
      String hookId,
      int partition,
      long offset,
      Instant acceptedAt,
      Instant recordedAt,
      int generation) {
    this(eventId, hookId, partition, offset, acceptedAt, recordedAt, generation, List.of());
  }

  /**
   * A rule that fired.
   *
   * @param home of the AREA; stands for the hook where there is no event
   */
  public static Cause of(Firing firing, String home) {
    List<Kept> all = firing.events();
    List<Kept> shown = all.subList(Math.max(0, all.size() - MOST_EVENTS), all.size());
    if (all.isEmpty()) {
      return new Cause("", home, 0, -1, firing.at(), firing.at(), 0, shown);
    }
    Kept last = all.getLast();
    return new Cause(
        last.id(),
        last.hookId(),
        last.partition(),
        last.offset(),
        firing.at(),
        firing.at(),
        0,
        shown);
  }

  /** The same, of a rule that collected these events. */
  Cause with(List<Kept> collected) {
    return new Cause(
        eventId, hookId, partition, offset, acceptedAt, recordedAt, generation, collected);
  }
}
