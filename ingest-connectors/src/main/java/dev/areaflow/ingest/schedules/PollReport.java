package dev.areaflow.ingest.schedules;

import java.time.Instant;

/**
 * What was last told of a hook's polls.
 *
 * @param at when
 * @param failing whether its last poll had failed
 */
record PollReport(Instant at, boolean failing) {}
