package dev.areaflow.topology.rules;

import java.time.Instant;

/**
 * An event that a rule keeps; its payload is kept beside the memory.
 *
 * @param id the event's id
 * @param of the action that it is of, as the AREA calls it
 * @param at when it arrived, by its record: the time of rules
 * @param time when it happened, as its source says
 * @param hookId its hook
 * @param partition in {@code area.events}
 * @param offset in {@code area.events}
 */
public record Kept(
    String id, String of, Instant at, Instant time, String hookId, int partition, long offset) {}
