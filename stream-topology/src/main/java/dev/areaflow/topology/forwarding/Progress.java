package dev.areaflow.topology.forwarding;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The time at the homes of AREAs with several hooks: it has come as far as all partitions of their
 * hooks have told, so that no event from before can follow. It never goes back. For one thread.
 */
public final class Progress {
  private final Map<Integer, Integer> awaited = new HashMap<>();
  private final Map<Integer, Integer> listening = new HashMap<>();
  private final Map<Integer, Instant> told = new HashMap<>();
  private Instant time = Instant.EPOCH;

  /** Nothing is known any more. */
  public void forget() {
    awaited.clear();
    listening.clear();
    told.clear();
    time = Instant.EPOCH;
  }

  /** Takes what a task has to do with others into account. */
  public void add(Hop hop) {
    Map<Integer, Integer> counted = hop.isHome() ? awaited : listening;
    hop.partitions().forEach(partition -> counted.merge(partition, 1, Integer::sum));
  }

  /** Takes out what was {@link #add}ed. */
  public void remove(Hop hop) {
    Map<Integer, Integer> counted = hop.isHome() ? awaited : listening;
    hop.partitions()
        .forEach(partition -> counted.computeIfPresent(partition, (_, n) -> n == 1 ? null : n - 1));
  }

  /** The partitions that are to be told the time here. */
  public Set<Integer> listening() {
    return Set.copyOf(listening.keySet());
  }

  /** Whether no time is awaited from others. */
  public boolean isAlone() {
    return awaited.isEmpty();
  }

  /** A partition has told all from before a time. */
  public void tell(int partition, Instant until) {
    told.merge(partition, until, (one, other) -> one.isAfter(other) ? one : other);
  }

  /** How far the time has come at the last {@link #advance}. */
  public Instant time() {
    return time;
  }

  /** Lets time come as far as all have told it; empty while one has not told any. */
  public Optional<Instant> advance() {
    Instant least = Instant.MAX;
    for (int partition : awaited.keySet()) {
      Instant until = told.get(partition);
      if (until == null) {
        return Optional.empty();
      }
      least = until.isBefore(least) ? until : least;
    }
    return awaited.isEmpty() ? Optional.empty() : Optional.of(advance(least));
  }

  /** Lets time come to this, unless it is beyond it already. */
  public Instant advance(Instant until) {
    time = until.isAfter(time) ? until : time;
    return time;
  }
}
