package dev.areaflow.catalog;

import java.time.Instant;
import java.util.Map;

/**
 * One webhook request as it arrived.
 *
 * @param headers by lower-case name
 * @param body the raw bytes, which signatures are made of; not copied, not to be changed
 * @param receivedAt when it arrived
 * @param url that was called, as its sender knows it, with its query
 */
@SuppressWarnings("ArrayRecordComponent") // the raw body goes through uncopied, nobody compares it
public record Delivery(Map<String, String> headers, byte[] body, Instant receivedAt, String url) {}
