package dev.areaflow.catalog;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the operator has services, instead of where their manifests say: a GitHub Enterprise
 * Server, a sovereign cloud, a stub. Each service has a setting {@code service.ID.base-url}.
 */
public final class ServiceAddresses {
  private final Map<String, URI> baseUrls;

  private ServiceAddresses(Map<String, URI> baseUrls) {
    this.baseUrls = Map.copyOf(baseUrls);
  }

  /** Every service where its manifest says. */
  public static ServiceAddresses asDeclared() {
    return new ServiceAddresses(Map.of());
  }

  /**
   * Reads the settings of some services; problems are noted in {@code settings}.
   *
   * @param ids the services
   */
  static ServiceAddresses from(Settings settings, List<String> ids) {
    Map<String, URI> baseUrls = new HashMap<>();
    for (String id : ids) {
      settings.find(baseUrlSetting(id)).ifPresent(url -> baseUrls.put(id, url));
    }
    return new ServiceAddresses(baseUrls);
  }

  private static Setting<URI> baseUrlSetting(String id) {
    return Setting.optional(
        "service." + id + ".base-url",
        Parsers::httpAddress,
        "Where the service " + id + " is, instead of where its manifest says.");
  }

  Optional<URI> baseUrl(String id) {
    return Optional.ofNullable(baseUrls.get(id));
  }
}
