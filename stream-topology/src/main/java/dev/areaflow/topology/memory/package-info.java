/** A task without Kafka: stores and a context in memory, for processors that run over the past. */
@org.jspecify.annotations.NullMarked
package dev.areaflow.topology.memory;
