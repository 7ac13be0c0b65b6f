package dev.areaflow.catalog;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where a service's interface is; its credentials go nowhere else.
 *
 * @param baseUrl absolute, http or https, without user information, query and fragment, and without
 *     a slash at its end
 * @param headers what every request carries, by name in lower case
 * @param probe what tells whether credentials are good, empty if the service has no such request
 */
public record Endpoint(URI baseUrl, Map<String, String> headers, Optional<Probe> probe) {
  public Endpoint {
    headers = Map.copyOf(headers);
  }

  /**
   * A request that every good credential is answered 2xx for.
   *
   * @param path below the base URL, starting with a slash
   * @param label JSON pointer to the account's name in the answer
   */
  public record Probe(String path, String label) {}

  /**
   * Whether the service's credentials may go to this address: it has the base URL's scheme, host
   * and port, and its path is the base URL's or below, without {@code .} and {@code ..} segments,
   * plain or percent-encoded, that a server could read as a way out.
   */
  public boolean covers(URI address) {
    String path = path(address);
    return address.getScheme() != null
        && address.getScheme().equalsIgnoreCase(baseUrl.getScheme())
        && address.getHost() != null
        && address.getHost().equalsIgnoreCase(baseUrl.getHost())
        && address.getRawUserInfo() == null
        && port(address) == port(baseUrl)
        && (path.equals(path(baseUrl)) || path.startsWith(path(baseUrl) + "/"))
        && !climbs(path);
  }

  private static boolean climbs(String path) {
    String plain =
        path.toLowerCase(Locale.ROOT)
            .replace("%2e", ".")
            .replace("%2f", "/")
            .replace("%5c", "/")
            .replace('\\', '/');
    for (String segment : plain.split("/", -1)) {
      if (segment.equals(".") || segment.equals("..")) {
        return true;
      }
    }
    return false;
  }

  private static String path(URI address) {
    return address.getRawPath() == null ? "" : address.getRawPath();
  }

  private static int port(URI address) {
    if (address.getPort() >= 0) {
      return address.getPort();
    }
    return address.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }
}
