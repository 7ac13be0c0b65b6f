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
 * Server, a sovereign cloud, a stub. Each service has the settings {@code service.ID.base-url},
 * {@code service.ID.authorize-url} and {@code service.ID.token-url}.
 */
public final class ServiceAddresses {
  private final Map<String, Addresses> byService;

  private record Addresses(Optional<URI> base, Optional<URI> authorize, Optional<URI> token) {}

  private ServiceAddresses(Map<String, Addresses> byService) {
    this.byService = Map.copyOf(byService);
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
    Map<String, Addresses> byService = new HashMap<>();
    for (String id : ids) {
      byService.put(
          id,
          new Addresses(
              settings.find(setting(id, "base-url", "Where the interface of ")),
              settings.find(setting(id, "authorize-url", "Where people consent for ")),
              settings.find(setting(id, "token-url", "Where tokens come from for "))));
    }
    return new ServiceAddresses(byService);
  }

  private static Setting<URI> setting(String id, String key, String what) {
    return Setting.optional(
        "service." + id + "." + key,
        Parsers::httpAddress,
        what + id + " is, instead of where its manifest says.");
  }

  Optional<URI> baseUrl(String id) {
    return Optional.ofNullable(byService.get(id)).flatMap(Addresses::base);
  }

  /** How a service's requests are authenticated, at the operator's addresses. */
  Auth moved(String id, Auth declared) {
    Addresses there = byService.get(id);
    if (there == null) {
      return declared;
    }
    return switch (declared) {
      case Auth.OAuth2 flow ->
          new Auth.OAuth2(
              there.authorize().orElse(flow.authorizeUrl()),
              there.token().orElse(flow.tokenUrl()),
              flow.secretIn(),
              flow.scopes(),
              flow.parameters(),
              flow.ownToken());
      case Auth.ClientCredentials way ->
          new Auth.ClientCredentials(
              there.token().orElse(way.tokenUrl()), way.secretIn(), way.scopes());
      case Auth.None _, Auth.ApiKey _, Auth.Basic _, Auth.Bearer _, Auth.AsGiven _ -> declared;
    };
  }
}
