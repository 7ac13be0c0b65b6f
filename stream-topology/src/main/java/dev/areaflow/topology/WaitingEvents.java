package dev.areaflow.topology;

import dev.areaflow.topology.forwarding.Forwarded;
import dev.areaflow.topology.forwarding.Forwarded.Arrived;
import dev.areaflow.topology.rows.Timer;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Events at the homes of AREAs with several hooks that wait until none from before can follow, in
 * the order of their times. A look begins where the last one ended, as with {@link DueTimers}.
 */
final class WaitingEvents {
  private final KeyValueStore<Timer, Forwarded> store;
  private final Position position;

  WaitingEvents(KeyValueStore<Timer, Forwarded> store, Position position) {
    this.store = store;
    this.position = position;
  }

  /** Before which time none waits; common to all who use a task's waiting events. */
  static final class Position {
    private Instant first = Instant.EPOCH;

    void forget() {
      first = Instant.EPOCH;
    }
  }

  void add(Arrived arrived) {
    String place = "%08x-%016x".formatted(arrived.partition(), arrived.offset());
    store.put(new Timer(arrived.at(), arrived.areaId(), place, ""), arrived);
    if (arrived.at().isBefore(position.first)) {
      position.first = arrived.at();
    }
  }

  /**
   * Takes the first away that is from before a time. One by one: whoever cannot decide one loses no
   * other.
   */
  Optional<Arrived> take(Instant before) {
    if (!position.first.isBefore(before)) {
      return Optional.empty();
    }
    try (var range = store.range(Timer.bound(position.first), null)) {
      if (!range.hasNext()) {
        position.first = before;
        return Optional.empty();
      }
      var row = range.next();
      position.first = row.key.dueAt();
      if (!row.key.dueAt().isBefore(before)) {
        return Optional.empty();
      }
      store.delete(row.key);
      return Optional.of((Arrived) row.value);
    }
  }
}
