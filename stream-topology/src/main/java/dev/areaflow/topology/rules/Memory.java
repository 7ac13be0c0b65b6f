package dev.areaflow.topology.rules;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a rule remembers for one key. There is none where nothing has to be remembered. */
public sealed interface Memory {

  /** When the rule wants to be asked again though no event comes; empty where never. */
  Optional<Instant> dueAt();

  /** The events whose payloads are kept for it. */
  default Stream<Kept> events() {
    return Stream.empty();
  }

  /**
   * When events passed.
   *
   * @param times the newest, in their order
   * @param until when none of them counts any more
   */
  record Passed(List<Instant> times, Instant until) implements Memory {
    public Passed {
      times = List.copyOf(times);
    }

    @Override
    public Optional<Instant> dueAt() {
      return Optional.of(until);
    }
  }

  /**
   * Events that wait for more, or for the time to be up.
   *
   * @param kept in the order in which they came; empty where silence itself is awaited
   * @param until when the wait ends
   */
  record Collected(List<Kept> kept, Instant until) implements Memory {
    public Collected {
      kept = List.copyOf(kept);
    }

    @Override
    public Optional<Instant> dueAt() {
      return Optional.of(until);
    }

    @Override
    public Stream<Kept> events() {
      return kept.stream();
    }
  }

  /**
   * Beginnings of a sequence.
   *
   * @param beginnings of each length the one that began last, if there is one, the shortest first
   * @param until when none of them can be completed any more
   */
  record Begun(List<List<Kept>> beginnings, Instant until) implements Memory {
    public Begun {
      beginnings = beginnings.stream().map(List::copyOf).toList();
    }

    @Override
    public Optional<Instant> dueAt() {
      return Optional.of(until);
    }

    @Override
    public Stream<Kept> events() {
      return beginnings.stream().flatMap(List::stream).distinct();
    }
  }

  /** The value seen last. */
  record Last(JsonNode value) implements Memory {
    @Override
    public Optional<Instant> dueAt() {
      return Optional.empty();
    }
  }
}
