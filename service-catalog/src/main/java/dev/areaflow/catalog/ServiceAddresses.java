package dev.areaflow.catalog;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Where the operator has services, instead of where their manifests say: a GitHub Enterprise
 * Server, a sovereign cloud, a stub. Each service has the settings {@code service.ID.base-url},
 * {@code service.ID.hosts}, {@code service.ID.authorize-url} and {@code service.ID.token-url}.
 */
public final class ServiceAddresses {
  private final Map<String, Addresses> byService;

  private record Addresses(
      Optional<URI> base, Map<String, URI> hosts, Optional<URI> authorize, Optional<URI> token) {}

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
              settings.find(hosts(id)).orElse(Map.of()),
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

  private static Setting<Map<String, URI>> hosts(String id) {
    return Setting.optional(
        "service." + id + ".hosts",
        ServiceAddresses::hostsOf,
        "Where the other hosts of " + id + " are, e.g. content=https://content.example.org.");
  }

  private static Map<String, URI> hostsOf(String text) {
    Map<String, URI> hosts = new HashMap<>();
    for (String each : Parsers.list(text)) {
      int equals = each.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("expected NAME=URL, several with commas between them");
      }
      hosts.put(each.substring(0, equals).strip(), Parsers.httpAddress(each.substring(equals + 1)));
    }
    return hosts;
  }

  /**
   * The service's endpoint at the operator's addresses.
   *
   * @param problems is told what is missing: a credential that is meant for the operator's own
   *     server does not go to the provider's
   */
  Endpoint moved(String id, Endpoint declared, List<String> problems) {
    Addresses there = byService.get(id);
    if (there == null || (there.base().isEmpty() && there.hosts().isEmpty())) {
      return declared;
    }
    Map<String, URI> hosts = new HashMap<>(declared.hosts());
    hosts.putAll(there.hosts());
    boolean isWhole = there.base().isEmpty() || there.hosts().keySet().containsAll(hosts.keySet());
    if (!isWhole || !declared.hosts().keySet().containsAll(there.hosts().keySet())) {
      problems.add(
          "service."
              + id
              + ".hosts: expected URLs for "
              + new TreeSet<>(declared.hosts().keySet())
              + " and no others"
              + (isWhole ? "" : ", because service." + id + ".base-url is set"));
    }
    return declared.movedTo(there.base().orElse(declared.baseUrl()), hosts);
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
