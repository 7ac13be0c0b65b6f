package dev.areaflow.expressions;

import java.time.Instant;

/**
 * What expressions know of an event beside its body, as {@code meta}.
 *
 * @param id the event's id
 * @param time when it happened; a timestamp in CEL
 * @param service service id
 * @param action action id
 */
public record Meta(String id, Instant time, String service, String action) {}
