package dev.areaflow.topology.runs;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a step does: all that its commands need, so that an edit of the AREA does not change a run
 * in flight.
 *
 * @param stepId the reaction's id within its AREA
 * @param service service id
 * @param reaction reaction id
 * @param connectionId the connection to use; null where the service needs none
 * @param inputs the reaction's inputs, rendered, as UTF-8 JSON; empty where they could not be
 */
public record Call(
    String stepId,
    String service,
    String reaction,
    @Nullable String connectionId,
    ByteBuffer inputs) {}
