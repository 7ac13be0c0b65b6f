package dev.areaflow.catalog.http;

import dev.areaflow.catalog.http.EgressPolicy.Denied;
import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Settings;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;

/** The platform's own listeners, as far as the settings of a start name them. */
final class PlatformListeners {
  private static final int POSTGRES = 5432;

  private PlatformListeners() {}

  /** Those found; a text that cannot be read is the problem of the role that uses it. */
  static List<Denied> of(Settings settings) {
    List<Denied> found = new ArrayList<>();
    settings
        .text("kafka.bootstrap-servers")
        .map(Parsers::list)
        .orElse(List.of())
        .forEach(server -> add(found, "http://" + server, -1, "the platform's own Kafka"));
    settings
        .text("registry.url")
        .ifPresent(url -> add(found, url, -1, "the platform's own schema registry"));
    settings
        .text("database.url")
        .ifPresent(
            url -> {
              for (String server : databaseServers(url)) {
                add(found, "http://" + server, POSTGRES, "the platform's own database");
              }
            });
    addPort(found, settings, "cdc.rest-host", "cdc.rest-port", "the platform's own Kafka Connect");
    addPort(found, settings, "admin.host", "admin.port", "a port of the platform's operators");
    return found;
  }

  /** The servers of {@code jdbc:postgresql://host:port,host:port/database}. */
  private static List<String> databaseServers(String url) {
    String text = url.strip();
    int start = text.indexOf("//");
    if (start < 0) {
      return List.of();
    }
    int end = start + 2;
    while (end < text.length() && "/?".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return Parsers.list(text.substring(start + 2, end));
  }

  private static void addPort(
      List<Denied> found, Settings settings, String hostKey, String portKey, String what) {
    settings
        .text(portKey)
        .ifPresent(
            port ->
                add(
                    found,
                    "http://" + settings.text(hostKey).orElse("127.0.0.1") + ":" + port.strip(),
                    -1,
                    what));
  }

  /**
   * Adds the host and port of a URL; a name with an underscore counts, as it does for resolvers.
   */
  private static void add(List<Denied> found, String url, int usualPort, String what) {
    try {
      URI uri = new URI(url.strip());
      String authority = String.valueOf(uri.getRawAuthority());
      String server = authority.substring(authority.lastIndexOf('@') + 1);
      int colon = server.lastIndexOf(':');
      boolean hasPort = colon > server.lastIndexOf(']');
      found.add(
          new Denied(
              hasPort ? server.substring(0, colon) : server,
              hasPort ? Integer.parseInt(server.substring(colon + 1)) : usual(uri, usualPort),
              what));
    } catch (URISyntaxException | IllegalArgumentException e) {
      // nothing that a request could reach either
    }
  }

  private static int usual(URI uri, int usualPort) {
    return usualPort > 0 ? usualPort : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }
}
