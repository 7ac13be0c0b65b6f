package dev.areaflow.benchmarks;

/**
 * What of one run has arrived at the sink.
 *
 * @param arrived different deliveries
 * @param repeated arrivals of deliveries that had arrived already
 * @param eventToReaction from when the delivery was meant to be sent to its arrival
 */
record SinkStatus(long arrived, long repeated, Latency eventToReaction) {}
