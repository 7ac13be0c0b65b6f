package dev.areaflow.api.replays;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Which past events an AREA is to decide on again, and how.
 *
 * @param from of events that arrived then or later
 * @param to of events that arrived before then
 * @param eventIds of these; empty for all
 * @param when CEL over {@code event} and {@code meta} that must hold
 * @param force whether reactions are carried out that are not safe to repeat
 * @param perSecond events within a second at most
 */
public record ReplayRequest(
    Instant from,
    Instant to,
    List<String> eventIds,
    Optional<String> when,
    boolean force,
    int perSecond) {
  public ReplayRequest {
    eventIds = List.copyOf(eventIds);
  }

  ReplayRequest within(Instant newFrom, Instant newTo) {
    return new ReplayRequest(newFrom, newTo, eventIds, when, force, perSecond);
  }
}
