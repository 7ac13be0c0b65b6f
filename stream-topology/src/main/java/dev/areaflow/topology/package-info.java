/** The heart: decides what each event means and follows each run to its end, on Kafka Streams. */
@NullMarked
package dev.areaflow.topology;

import org.jspecify.annotations.NullMarked;
