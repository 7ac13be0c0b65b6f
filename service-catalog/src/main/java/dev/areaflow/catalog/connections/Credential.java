package dev.areaflow.catalog.connections;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.areaflow.catalog.http.OutboundRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.util.Base64;

/** What proves an account to a service, in the form that requests carry. Its text shows nothing. */
public sealed interface Credential {

  /** The request with the credential on it, in the place of one that it may carry already. */
  OutboundRequest on(OutboundRequest request);

  /** A token in the header {@code Authorization} (RFC 6750). */
  static Credential bearer(String token) {
    return new Header("Authorization", "Bearer " + token);
  }

  /** A user's name and password (RFC 7617). */
  static Credential basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(UTF_8);
    return new Header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
  }

  /** A header of the service's own. */
  record Header(String name, String value) implements Credential {
    @Override
    public OutboundRequest on(OutboundRequest request) {
      return request.withoutHeader(name).withHeader(name, value);
    }

    @Override
    public String toString() {
      return "Header[" + name + "]";
    }
  }

  /** A parameter of the query. */
  record Query(String name, String value) implements Credential {
    @Override
    public OutboundRequest on(OutboundRequest request) {
      String address = request.uri().toString();
      String pair = URLEncoder.encode(name, UTF_8) + "=" + URLEncoder.encode(value, UTF_8);
      return request.to(URI.create(address + (address.contains("?") ? "&" : "?") + pair));
    }

    @Override
    public String toString() {
      return "Query[" + name + "]";
    }
  }
}
