package dev.areaflow.api.http;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where the API listens and how it is seen from outside.
 *
 * @param host name or address to listen on
 * @param port port to listen on, 0 for any free one
 * @param publicUrl address for links and cookies; where none is given, the API's own
 * @param trustedProxies addresses whose {@code X-Forwarded-For} is believed
 */
public record HttpConfig(
    String host, int port, Optional<URI> publicUrl, Set<String> trustedProxies) {
  static final Setting<String> HOST =
      Setting.of("api.host", "127.0.0.1", Parsers::text, "Address that the API listens on.");
  static final Setting<Integer> PORT =
      Setting.of(
          "api.port", "8080", Parsers::port, "Port that the API listens on, 0 for any free one.");
  static final Setting<URI> PUBLIC_URL =
      Setting.optional(
          "public.url",
          Parsers::httpAddress,
          "Address of the API as people see it, for links; its own where absent.");
  static final Setting<List<String>> TRUSTED_PROXIES =
      Setting.of(
          "api.trusted-proxies",
          "",
          Parsers::list,
          "Addresses of reverse proxies whose X-Forwarded-For header is believed.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS = List.of(HOST, PORT, PUBLIC_URL, TRUSTED_PROXIES);

  public HttpConfig {
    trustedProxies = Set.copyOf(trustedProxies);
  }

  /** Reads them; problems are noted in {@code settings}. */
  public static HttpConfig from(Settings settings) {
    return new HttpConfig(
        settings.get(HOST),
        settings.get(PORT),
        settings.find(PUBLIC_URL),
        Set.copyOf(settings.get(TRUSTED_PROXIES)));
  }

  /** Whether only this machine can connect. */
  public boolean isLoopback() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** The address of a path as people reach it. */
  public URI address(String path) {
    String base = publicUrl.map(URI::toString).orElseGet(() -> "http://127.0.0.1:" + port);
    return URI.create(base + path);
  }

  /** Whether people reach the API by https. */
  public boolean isHttps() {
    return publicUrl.map(url -> "https".equals(url.getScheme())).orElse(false);
  }
}
