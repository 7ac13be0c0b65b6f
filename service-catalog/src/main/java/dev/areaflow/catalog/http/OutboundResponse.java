package dev.areaflow.catalog.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a third party answered.
 *
 * @param status HTTP status
 * @param headers by lower-case name; repeated ones joined by commas
 * @param body the bytes, uncompressed, up to the client's limit, where the rest is cut off; not
 *     copied
 * @param cut whether there was a rest
 */
@SuppressWarnings("ArrayRecordComponent") // handed through uncopied, nobody compares it
public record OutboundResponse(int status, Map<String, String> headers, byte[] body, boolean cut) {
  public OutboundResponse {
    headers = Map.copyOf(headers);
  }

  /** An answer that arrived whole. */
  public OutboundResponse(int status, Map<String, String> headers, byte[] body) {
    this(status, headers, body, false);
  }

  /**
   * When it was made, by its sender's clock; empty where it does not say, or a cache kept it.
   *
   * @param now to tell the century of a year of two digits
   */
  public Optional<Instant> date(Instant now) {
    @Nullable String date = headers.get("date");
    if (date == null || headers.containsKey("age")) {
      return Optional.empty();
    }
    try {
      return Optional.of(HttpDate.parse(date.strip(), now));
    } catch (DateTimeException e) {
      return Optional.empty(); // a provider's slip must not fail the call
    }
  }
}
