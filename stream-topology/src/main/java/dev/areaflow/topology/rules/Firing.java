package dev.areaflow.topology.rules;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * That a rule has what it waited for.
 *
 * @param at when, in the time of rules
 * @param events what it is about, in the order in which they came; empty where silence is
 * @param change how a value changed, where the rule is about that
 */
public record Firing(Instant at, List<Kept> events, Optional<Changed> change) {
  public Firing {
    events = List.copyOf(events);
  }

  /** A value before and after. */
  public record Changed(JsonNode old, JsonNode now) {}

  static Firing of(Instant at, List<Kept> events) {
    return new Firing(at, events, Optional.empty());
  }
}
