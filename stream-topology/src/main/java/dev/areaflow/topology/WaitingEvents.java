package dev.areaflow.topology;

import dev.areaflow.topology.forwarding.Forwarded;
import dev.areaflow.topology.forwarding.Forwarded.Arrived;
import dev.areaflow.topology.rows.Timer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
   * Takes those from before a time away, the first first.
   *
   * @param most of them; fewer are all
   */
  List<Arrived> take(Instant before, int most) {
    List<Arrived> taken = new ArrayList<>();
    if (!position.first.isBefore(before)) {
      return taken;
    }
    List<Timer> keys = new ArrayList<>();
    Instant next = before;
    try (var range = store.range(Timer.bound(position.first), null)) {
      while (range.hasNext() && keys.size() < most) {
        var row = range.next();
        if (!row.key.dueAt().isBefore(before)) {
          next = row.key.dueAt();
          break;
        }
        keys.add(row.key);
        if (row.value instanceof Arrived arrived) {
          taken.add(arrived);
        }
      }
    }
    keys.forEach(store::delete);
    position.first = keys.size() < most ? next : keys.getLast().dueAt();
    return taken;
  }
}
