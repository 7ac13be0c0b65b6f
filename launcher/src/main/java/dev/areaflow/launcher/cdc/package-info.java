/** The role cdc: a Kafka Connect worker that runs Debezium, and what supervises it. */
@NullMarked
package dev.areaflow.launcher.cdc;

import org.jspecify.annotations.NullMarked;
