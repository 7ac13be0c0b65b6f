package dev.areaflow.topology;

import dev.areaflow.topology.rules.Usage;
import java.time.Duration;

/**
 * What decides, beside the records, what a task makes of them: whoever replays records needs the
 * same.
 *
 * @param partitions of each topic
 * @param deduplicationWindow how long the id of a delivery that matched is remembered, at least
 * @param ruleLimits what the rule of one AREA may remember at a time
 */
record TaskConfig(int partitions, Duration deduplicationWindow, Usage.Limits ruleLimits) {}
