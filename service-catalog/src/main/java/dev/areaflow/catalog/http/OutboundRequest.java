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

  /** This request without the header of a name, whatever its case. */
  public OutboundRequest withoutHeader(String name) {
    Map<String, String> rest = new LinkedHashMap<>(headers);
    rest.keySet().removeIf(name::equalsIgnoreCase);
    return new OutboundRequest(method, uri, rest, body);
  }

  /** This request to another address. */
  public OutboundRequest to(URI address) {
    return new OutboundRequest(method, address, headers, body);
  }
}
