package dev.areaflow.ingest.ingress;

import java.time.Duration;

/**
 * What the ingress takes at most.
 *
 * @param bodyBytes of one delivery
 * @param perHookAndSecond deliveries of one hook
 * @param connections open at a time
 * @param inFlight deliveries worked on at a time
 * @param inFlightBytes of their bodies
 * @param bodyWithin time for a body to arrive
 */
public record IngressLimits(
    int bodyBytes,
    int perHookAndSecond,
    int connections,
    int inFlight,
    long inFlightBytes,
    Duration bodyWithin) {}
