package dev.areaflow.catalog.http;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One request to a third party.
 *
 * @param method for example {@code POST}
 * @param uri absolute, http or https
 * @param headers by name, as they are sent; names differ by more than case
 * @param body the bytes; not copied, not to be changed
 */
public record OutboundRequest(
    String method, URI uri, Map<String, String> headers, Optional<byte[]> body) {
  public OutboundRequest {
    headers = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }

  /** This request with one more header. */
  public OutboundRequest withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new OutboundRequest(method, uri, more, body);
  }
}
