/**
 * PostgreSQL, Kafka and the schema registry, run in or below this process, with their state in one
 * data directory.
 */
@NullMarked
package dev.areaflow.launcher.embedded;

import org.jspecify.annotations.NullMarked;
