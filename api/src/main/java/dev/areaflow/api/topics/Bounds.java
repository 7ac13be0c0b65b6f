package dev.areaflow.api.topics;

import java.time.Duration;

/**
 * How much one look into a topic may cost.
 *
 * @param records most records read
 * @param time most time spent
 */
public record Bounds(int records, Duration time) {}
