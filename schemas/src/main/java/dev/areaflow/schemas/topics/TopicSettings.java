package dev.areaflow.schemas.topics;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.util.List;

/**
 * How topics are made and reached.
 *
 * @param bootstrapServers Kafka's addresses, {@code host:port} separated by commas
 * @param registryUrl the schema registry's API, for example {@code
 *     http://127.0.0.1:8081/apis/registry/v3}
 * @param partitions of every topic; co-partitioned topics must agree, so it is one number
 * @param replicationFactor of every topic
 * @param retentionBytes of {@code area.events}, per partition
 */
public record TopicSettings(
    String bootstrapServers,
    String registryUrl,
    int partitions,
    int replicationFactor,
    long retentionBytes) {

  static final Setting<String> BOOTSTRAP_SERVERS =
      Setting.required(
          "kafka.bootstrap-servers", Parsers::text, "Kafka's addresses, host:port,host:port.");
  static final Setting<String> REGISTRY_URL =
      Setting.required(
          "registry.url",
          text -> Parsers.httpAddress(text).toString(),
          "The schema registry's API, e.g. http://127.0.0.1:8081/apis/registry/v3.");
  static final Setting<Integer> PARTITIONS =
      Setting.of(
          "topics.partitions",
          "4",
          Parsers.integer(1, 1_000),
          "Partitions of every topic; fixed once the topics are made.");
  static final Setting<Integer> REPLICATION_FACTOR =
      Setting.of("topics.replication-factor", "1", Parsers.integer(1, 9), "Copies of every topic.");
  static final Setting<Integer> RETENTION_MEBIBYTES =
      Setting.of(
          "topics.events-retention-mebibytes",
          "10240",
          Parsers.integer(64, Integer.MAX_VALUE),
          "Most that one partition of the events topic keeps, in MiB.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS =
      List.of(BOOTSTRAP_SERVERS, REGISTRY_URL, PARTITIONS, REPLICATION_FACTOR, RETENTION_MEBIBYTES);

  /** Reads them; problems are noted in {@code settings}. */
  public static TopicSettings from(Settings settings) {
    return new TopicSettings(
        settings.get(BOOTSTRAP_SERVERS),
        settings.get(REGISTRY_URL),
        settings.get(PARTITIONS),
        settings.get(REPLICATION_FACTOR),
        settings.get(RETENTION_MEBIBYTES) * 1024L * 1024L);
  }
}
