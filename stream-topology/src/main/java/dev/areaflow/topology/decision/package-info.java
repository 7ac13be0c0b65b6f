/**
 * What an event means for the AREAs at its hook: pure functions, the same for live and replayed.
 */
@NullMarked
package dev.areaflow.topology.decision;

import org.jspecify.annotations.NullMarked;
