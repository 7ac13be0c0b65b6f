/** The Streams application that holds the schedules of clocks and fires them exactly once. */
@NullMarked
package dev.areaflow.ingest.schedules;

import org.jspecify.annotations.NullMarked;
