package dev.areaflow.launcher.cdc;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Secret;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.topics.TopicSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Settings of the role cdc.
 *
 * @param topics where Kafka is and how topics are made
 * @param database whose changes are captured
 * @param group the Connect cluster; its internal topics carry this name too
 * @param restHost where the worker's REST interface listens; other workers of the group call it
 * @param restPort its port; 0 for any free one, which does for a single worker
 * @param pollInterval how long Debezium waits for changes, which is the latency of a change
 * @param heartbeatInterval how often an idle database's position is confirmed
 */
public record CdcConfig(
    TopicSettings topics,
    SourceDatabase database,
    String group,
    String restHost,
    int restPort,
    Duration pollInterval,
    Duration heartbeatInterval) {

  static final Setting<SourceDatabase.Address> URL =
      Setting.required(
          "database.url",
          SourceDatabase.Address::parse,
          "PostgreSQL, e.g. jdbc:postgresql://127.0.0.1:5432/areaflow.");
  static final Setting<String> USER =
      Setting.of("database.user", "areaflow", Parsers::text, "Login of the database.");
  static final Setting<Secret> PASSWORD =
      Setting.required("database.password", Parsers::secret, "Password of that login.");
  static final Setting<String> GROUP =
      Setting.of(
          "cdc.group",
          "areaflow-cdc",
          Parsers::text,
          "Name of the Kafka Connect cluster that captures changes, and prefix of its topics.");
  static final Setting<String> REST_HOST =
      Setting.of(
          "cdc.rest-host",
          "127.0.0.1",
          Parsers::text,
          "Address on which Kafka Connect's REST interface listens, for other workers.");
  static final Setting<Integer> REST_PORT =
      Setting.of(
          "cdc.rest-port",
          "0",
          Parsers::port,
          "Its port; 0 for any free one, which does for a single worker.");
  static final Setting<Duration> POLL_INTERVAL =
      Setting.of(
          "cdc.poll-interval",
          "PT0.02S",
          Parsers::duration,
          "How long a change may wait before it is captured.");
  static final Setting<Duration> HEARTBEAT_INTERVAL =
      Setting.of(
          "cdc.heartbeat-interval",
          "PT10S",
          Parsers::duration,
          "How often the position in the write-ahead log of an idle database is confirmed.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS = settings();

  private static List<Setting<?>> settings() {
    List<Setting<?>> settings = new ArrayList<>(TopicSettings.SETTINGS);
    settings.addAll(
        List.of(
            URL, USER, PASSWORD, GROUP, REST_HOST, REST_PORT, POLL_INTERVAL, HEARTBEAT_INTERVAL));
    return List.copyOf(settings);
  }

  /** Reads them; problems are noted in {@code settings}. */
  public static CdcConfig from(Settings settings) {
    return new CdcConfig(
        TopicSettings.from(settings),
        new SourceDatabase(settings.get(URL), settings.get(USER), settings.get(PASSWORD)),
        settings.get(GROUP),
        settings.get(REST_HOST),
        settings.get(REST_PORT),
        settings.get(POLL_INTERVAL),
        settings.get(HEARTBEAT_INTERVAL));
  }
}
