package dev.areaflow.topology;

import dev.areaflow.topology.rows.Timer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Timers, in the order in which they are due. A look begins where the last one ended: from the
 * beginning it would walk over all that was ever deleted.
 */
final class DueTimers {
  private static final byte[] NOTHING = {};

  private final KeyValueStore<Timer, byte[]> store;
  private final Position position;

  DueTimers(KeyValueStore<Timer, byte[]> store, Position position) {
    this.store = store;
    this.position = position;
  }

  /** Between which times no timer is; common to all who use a task's timers. */
  static final class Position {
    private Instant firedUntil = Instant.EPOCH;
    private Instant nextDue = Instant.EPOCH;

    /** Nothing is known any more. */
    void forget() {
      firedUntil = Instant.EPOCH;
      nextDue = Instant.EPOCH;
    }

    /** A timer may be due before others that fired, where the clock was set back. */
    private void set(Instant dueAt) {
      if (dueAt.isBefore(nextDue)) {
        nextDue = dueAt;
      }
      if (dueAt.isBefore(firedUntil)) {
        firedUntil = dueAt;
      }
    }
  }

  void set(Timer timer) {
    store.put(timer, NOTHING);
    position.set(timer.dueAt());
  }

  void clear(Timer timer) {
    store.delete(timer);
  }

  /**
   * Takes timers away that are due, the first first. Whoever handles them cannot fail for one again
   * and again, and hold up the others.
   *
   * @param most of them; fewer are all
   */
  List<Timer> take(Instant now, int most) {
    List<Timer> due = new ArrayList<>();
    if (now.isBefore(position.nextDue)) {
      return due;
    }
    Instant next = Instant.MAX;
    try (var range = store.range(Timer.bound(position.firedUntil), null)) {
      while (range.hasNext() && due.size() < most && next.equals(Instant.MAX)) {
        Timer timer = range.next().key;
        if (timer.dueAt().isAfter(now)) {
          next = timer.dueAt();
        } else {
          due.add(timer);
        }
      }
    }
    due.forEach(store::delete);
    if (due.size() < most) {
      position.firedUntil = now;
      position.nextDue = next;
    } else {
      position.firedUntil = due.getLast().dueAt();
    }
    return due;
  }
}
