package dev.areaflow.topology.rules;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.schemas.avro.RuleFiring;
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
  private static final ObjectMapper JSON = new ObjectMapper();

  public Firing {
    events = List.copyOf(events);
  }

  /** A value before and after. */
  public record Changed(JsonNode old, JsonNode now) {}

  /**
   * One that a replay carries.
   *
   * @throws IllegalArgumentException if a value is no JSON
   */
  public static Firing of(RuleFiring carried) {
    List<Kept> events =
        carried.getEvents().stream()
            .map(
                event ->
                    new Kept(
                        event.getId(),
                        event.getAt(),
                        event.getTime(),
                        event.getHookId(),
                        event.getPartition(),
                        event.getOffset()))
            .toList();
    Optional<Changed> change =
        carried
            .getBefore()
            .flatMap(
                before -> carried.getAfter().map(after -> new Changed(json(before), json(after))));
    return new Firing(carried.getAt(), events, change);
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("expected a value in JSON, found another text", e);
    }
  }

  static Firing of(Instant at, List<Kept> events) {
    return new Firing(at, events, Optional.empty());
  }
}
