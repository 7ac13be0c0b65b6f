package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.topology.rules.Firing;
import dev.areaflow.topology.rules.Kept;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
 * @param replay the replay of many events that it is of; null of what came in, and of an event that
 *     is run again by itself
 */
public record Cause(
    String eventId,
    String hookId,
    int partition,
    long offset,
    Instant acceptedAt,
    Instant recordedAt,
    int generation,
    List<Kept> events,
    @Nullable Replay replay) {
  /** Events of a firing that the run log shows. */
  public static final int MOST_EVENTS = 100;

  public Cause {
    events = List.copyOf(events);
  }

  /**
   * A replay of many events.
   *
   * @param forced whether reactions are carried out that are not safe to repeat
   */
  public record Replay(String id, boolean forced) {}

  /** An event without a rule. */
  public Cause(
      String eventId,
      String hookId,
      int partition,
      long offset,
      Instant acceptedAt,
      Instant recordedAt,
      int generation) {
    this(eventId, hookId, partition, offset, acceptedAt, recordedAt, generation, List.of(), null);
  }

  /**
   * An event without a rule, or, of a replay, one that carries a firing.
   *
   * @param recordedAt its record time
   */
  public static Cause of(Event event, int partition, long offset, Instant recordedAt) {
    Cause cause =
        new Cause(
            event.getId(),
            event.getHookId(),
            partition,
            offset,
            event.getReceivedAt(),
            recordedAt,
            event.getGeneration(),
            List.of(),
            event.getReplayId().map(id -> new Replay(id, event.getForced())).orElse(null));
    return event.getFiring().map(Firing::of).map(cause::carrying).orElse(cause);
  }

  /**
   * A rule that fired.
   *
   * @param home of the AREA; stands for the hook where there is no event
   */
  public static Cause of(Firing firing, String home) {
    return new Cause("", home, 0, -1, firing.at(), firing.at(), 0).carrying(firing);
  }

  /** The same of what a firing is about; where that has no events, of none. */
  private Cause carrying(Firing firing) {
    List<Kept> all = firing.events();
    if (all.isEmpty()) {
      return new Cause("", hookId, 0, -1, acceptedAt, recordedAt, generation, all, replay);
    }
    Kept last = all.getLast();
    return new Cause(
        last.id(),
        last.hookId(),
        last.partition(),
        last.offset(),
        acceptedAt,
        recordedAt,
        generation,
        all.subList(Math.max(0, all.size() - MOST_EVENTS), all.size()),
        replay);
  }

  /** The same, of a rule that collected these events, and of a replay. */
  Cause with(List<Kept> collected, @Nullable Replay of) {
    return new Cause(
        eventId, hookId, partition, offset, acceptedAt, recordedAt, generation, collected, of);
  }

  /** The same of a replay. */
  public Cause in(Replay of) {
    return with(events, of);
  }

  /** Whether reactions are left out that are not safe to repeat. */
  public boolean withholds() {
    return replay != null && !replay.forced();
  }
}
