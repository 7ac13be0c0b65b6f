package dev.areaflow.catalog.http;

import java.util.Map;

/**
 * What a third party answered.
 *
 * @param status HTTP status
 * @param headers by lower-case name; repeated ones joined by commas
 * @param body the bytes, uncompressed, up to the client's limit, where the rest is cut off; not
 *     copied
 */
@SuppressWarnings("ArrayRecordComponent") // handed through uncopied, nobody compares it
public record OutboundResponse(int status, Map<String, String> headers, byte[] body) {
  public OutboundResponse {
    headers = Map.copyOf(headers);
  }
}
