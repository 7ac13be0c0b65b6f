package dev.areaflow.catalog.http;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.config.SharedSettings;
import java.time.Duration;
import java.util.List;

/**
 * Limits of the guarded HTTP client.
 *
 * @param egress which addresses it may reach
 * @param connectTimeout for the TCP connection and for the TLS handshake, each
 * @param callTimeout for a whole call, from name resolution to the last byte of the answer
 * @param maxResponseBytes what is kept of an answer's body; the rest is cut off
 * @param maxConnections most open connections
 * @param maxConnectionsPerHost most open connections to one host and port
 */
public record HttpClientConfig(
    EgressPolicy egress,
    Duration connectTimeout,
    Duration callTimeout,
    int maxResponseBytes,
    int maxConnections,
    int maxConnectionsPerHost) {
  public static final Setting<EgressPolicy> EGRESS_ALLOW =
      Setting.of(
          "egress.allow",
          "",
          text -> EgressPolicy.of(Parsers.list(text)),
          "Hosts, networks and host:port pairs that requests may reach although they are not"
              + " public, comma-separated.");
  public static final Setting<Duration> CONNECT_TIMEOUT =
      Setting.of(
          "egress.connect-timeout",
          "PT5S",
          Parsers::duration,
          "How long a connection to a third party may take to open.");
  public static final Setting<Integer> MAX_RESPONSE_BYTES =
      Setting.of(
          "egress.max-response-bytes",
          "1048576",
          Parsers.integer(1, 16 * 1024 * 1024),
          "Bytes kept of an answer's body; the rest is cut off.");
  public static final Setting<Integer> MAX_CONNECTIONS =
      Setting.of(
          "egress.max-connections",
          "1024",
          Parsers.integer(1, 65_535),
          "Most open connections to third parties.");
  public static final Setting<Integer> MAX_CONNECTIONS_PER_HOST =
      Setting.of(
          "egress.max-connections-per-host",
          "256",
          Parsers.integer(1, 65_535),
          "Most open connections to one host and port.");

  public static final List<Setting<?>> SETTINGS =
      List.of(
          EGRESS_ALLOW,
          CONNECT_TIMEOUT,
          SharedSettings.CALL_TIMEOUT,
          MAX_RESPONSE_BYTES,
          MAX_CONNECTIONS,
          MAX_CONNECTIONS_PER_HOST);

  /** Reads it from the settings. */
  public static HttpClientConfig from(Settings settings) {
    return new HttpClientConfig(
        settings.get(EGRESS_ALLOW),
        settings.get(CONNECT_TIMEOUT),
        settings.get(SharedSettings.CALL_TIMEOUT),
        settings.get(MAX_RESPONSE_BYTES),
        settings.get(MAX_CONNECTIONS),
        settings.get(MAX_CONNECTIONS_PER_HOST));
  }
}
