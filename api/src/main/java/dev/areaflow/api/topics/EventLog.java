package dev.areaflow.api.topics;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The events and decisions that topics keep. Each look is bounded in records, bytes and time. Safe
 * for several threads.
 *
 * <p>All throw {@link SlowTopicException} or Kafka's exceptions where Kafka is away.
 */
public interface EventLog {

  /** The event at a place, empty where it is not kept any more. */
  Optional<StoredEvent> at(int partition, long offset);

  /**
   * Some events of a hook, newest first, without their replays.
   *
   * @param arrived by record time; what is not of then is not read either
   * @param before offset to begin at, exclusive; empty for the newest
   * @param most how many at most; there may be fewer although there are more to come
   */
  Slice newest(UUID hook, Arrived arrived, OptionalLong before, int most);

  /**
   * When events arrived.
   *
   * @param from then or later; empty for all before {@code to}
   * @param to before then; empty for all since {@code from}
   */
  record Arrived(Optional<Instant> from, Optional<Instant> to) {
    /** At any time. */
    public static final Arrived EVER = new Arrived(Optional.empty(), Optional.empty());
  }

  /**
   * What a look backwards found.
   *
   * @param next where to go on; empty where there is nothing before
   */
  record Slice(List<StoredEvent> events, OptionalLong next) {
    public Slice {
      events = List.copyOf(events);
    }
  }

  /** The newest event of this id, and no replay, among the newest events of some hooks. */
  Optional<StoredEvent> find(Collection<UUID> hooks, String eventId);

  /** What was decided on an event for some AREAs. */
  Decisions decisions(StoredEvent event, Collection<UUID> areas);

  /**
   * What was found of the decisions on an event.
   *
   * @param all in the order of the decisions
   * @param complete whether the look for them was not cut by its bounds
   */
  record Decisions(List<Decision> all, boolean complete) {
    public Decisions {
      all = List.copyOf(all);
    }
  }
}
