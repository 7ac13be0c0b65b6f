package dev.areaflow.ingest;

import dev.areaflow.catalog.CatalogConfig;
import dev.areaflow.catalog.http.HttpClientConfig;
import dev.areaflow.catalog.vault.VaultKeys;
import dev.areaflow.ingest.ingress.IngressLimits;
import dev.areaflow.schemas.config.DatabaseLogin;
import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Secret;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.config.SharedSettings;
import dev.areaflow.schemas.hooks.HookKey;
import dev.areaflow.schemas.role.StateDirectory;
import dev.areaflow.schemas.topics.TopicSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the ingest role is told.
 *
 * @param kafka where topics and registry are
 * @param host address that the hooks listen on
 * @param port their port; 0 for any free one
 * @param hooksUrl address of the ingress as providers see it; a hook's URL begins with it
 * @param key of the hooks' tokens and secrets, in Base64
 * @param limits what the ingress takes at most
 * @param stateDir where Kafka Streams keeps its stores
 * @param database where connections are
 * @param vault what their credentials are sealed with
 * @param http how third parties are polled
 * @param services which there are
 */
public record IngestConfig(
    TopicSettings kafka,
    String host,
    int port,
    URI hooksUrl,
    Secret key,
    IngressLimits limits,
    Path stateDir,
    DatabaseLogin database,
    VaultKeys vault,
    HttpClientConfig http,
    CatalogConfig services) {

  static final Setting<String> HOST =
      Setting.of("hooks.host", "127.0.0.1", Parsers::text, "Address that hooks listen on.");
  static final Setting<Integer> PORT =
      Setting.of("hooks.port", "8090", Parsers::port, "Port that hooks listen on; 0 for any.");
  static final Setting<Integer> RATE =
      Setting.of(
          "hooks.rate",
          "20000",
          Parsers.integer(1, 1_000_000),
          "Deliveries that one hook takes per second.");
  static final Setting<Integer> MAX_BODY_BYTES =
      Setting.of(
          "hooks.max-body-bytes",
          "1048576",
          Parsers.integer(1_024, 3 * 1_024 * 1_024),
          "Largest body of a delivery, in bytes.");
  static final Setting<Duration> BODY_WITHIN =
      Setting.of(
          "hooks.body-within",
          "PT10S",
          Parsers::duration,
          "Time for a delivery's body to arrive, as an ISO-8601 duration.");
  static final Setting<Integer> MAX_CONNECTIONS =
      Setting.of(
          "hooks.max-connections",
          "2048",
          Parsers.integer(1, 65_535),
          "Connections to the hooks at a time.");
  static final Setting<Integer> MAX_IN_FLIGHT =
      Setting.of(
          "hooks.max-in-flight",
          "1024",
          Parsers.integer(1, 65_535),
          "Deliveries worked on at a time; more are answered 503.");
  static final Setting<Integer> MAX_IN_FLIGHT_MEBIBYTES =
      Setting.of(
          "hooks.max-in-flight-mebibytes",
          "64",
          Parsers.integer(4, 65_536),
          "Bodies worked on at a time, in MiB; more are answered 503.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS =
      Stream.of(
              TopicSettings.SETTINGS,
              HttpClientConfig.SETTINGS,
              DatabaseLogin.SETTINGS,
              CatalogConfig.SETTINGS,
              List.<Setting<?>>of(
                  HOST,
                  PORT,
                  SharedSettings.HOOKS_URL,
                  HookKey.SETTING,
                  VaultKeys.SETTING,
                  RATE,
                  MAX_BODY_BYTES,
                  BODY_WITHIN,
                  MAX_CONNECTIONS,
                  MAX_IN_FLIGHT,
                  MAX_IN_FLIGHT_MEBIBYTES,
                  StateDirectory.SETTING))
          .flatMap(List::stream)
          .toList();

  /** Reads them; problems are noted in {@code settings}. */
  public static IngestConfig from(Settings settings) {
    return new IngestConfig(
        TopicSettings.from(settings),
        settings.get(HOST),
        settings.get(PORT),
        settings.get(SharedSettings.HOOKS_URL),
        settings.get(HookKey.SETTING),
        new IngressLimits(
            settings.get(MAX_BODY_BYTES),
            settings.get(RATE),
            settings.get(MAX_CONNECTIONS),
            settings.get(MAX_IN_FLIGHT),
            settings.get(MAX_IN_FLIGHT_MEBIBYTES) * 1024L * 1024L,
            settings.get(BODY_WITHIN)),
        settings.get(StateDirectory.SETTING),
        DatabaseLogin.from(settings),
        settings.get(VaultKeys.SETTING),
        HttpClientConfig.from(settings),
        CatalogConfig.from(settings));
  }
}
