package dev.areaflow.catalog;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Secret;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the operator has registered this platform as, at each service (RFC 6749, section 2). Each
 * service has the settings {@code service.ID.client-id} and {@code service.ID.client-secret}.
 */
public final class OAuthClients {
  private final Map<String, Client> byService;

  /** A registration. */
  public record Client(String id, Secret secret) {}

  private OAuthClients(Map<String, Client> byService) {
    this.byService = Map.copyOf(byService);
  }

  /** No service is configured. */
  public static OAuthClients none() {
    return new OAuthClients(Map.of());
  }

  /**
   * Reads the settings of some services; problems are noted in {@code settings}.
   *
   * @param ids the services
   */
  static OAuthClients from(Settings settings, List<String> ids) {
    Map<String, Client> byService = new HashMap<>();
    for (String service : ids) {
      Optional<String> id = settings.find(idSetting(service));
      Optional<Secret> secret = settings.find(secretSetting(service));
      if (id.isPresent() && secret.isPresent()) {
        byService.put(service, new Client(id.get(), secret.get()));
      } else if (id.isPresent() || secret.isPresent()) {
        settings.problem(
            (id.isPresent() ? secretSetting(service) : idSetting(service)).key(),
            "is missing; the client's id and secret belong together");
      }
    }
    return new OAuthClients(byService);
  }

  private static Setting<String> idSetting(String service) {
    return Setting.optional(
        "service." + service + ".client-id",
        Parsers::text,
        "Id of this platform as registered at the service " + service + ".");
  }

  private static Setting<Secret> secretSetting(String service) {
    return Setting.<Secret>optional(
            "service." + service + ".client-secret",
            Parsers::secret,
            "Secret of this platform as registered at the service " + service + ".")
        .asConfidential();
  }

  /** The registration at a service; empty where the operator has none. */
  public Optional<Client> of(String service) {
    return Optional.ofNullable(byService.get(service));
  }

  /** The environment variables that configure a service. */
  public static List<String> variables(String service) {
    return List.of(
        idSetting(service).environmentVariable(), secretSetting(service).environmentVariable());
  }
}
