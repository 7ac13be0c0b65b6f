/**
 * Rules with memory, between an AREA's condition and its reactions: pure functions of what is
 * remembered, an event, and time.
 */
@NullMarked
package dev.areaflow.topology.rules;

import org.jspecify.annotations.NullMarked;
