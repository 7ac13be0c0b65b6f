package dev.areaflow.topology.runs;

import java.time.Instant;

/**
 * The event that a decision is about, and where it is kept.
 *
 * @param eventId the event
 * @param hookId its hook
 * @param partition in {@code area.events}
 * @param offset in {@code area.events}
 * @param acceptedAt when the platform accepted it, by the clock of whoever did
 * @param recordedAt its record time, by the broker's clock
 * @param generation 0 for live events; counts replays
 */
public record Cause(
    String eventId,
    String hookId,
    int partition,
    long offset,
    Instant acceptedAt,
    Instant recordedAt,
    int generation) {}
