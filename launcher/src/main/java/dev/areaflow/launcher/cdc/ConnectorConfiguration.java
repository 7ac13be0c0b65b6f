package dev.areaflow.launcher.cdc;

import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.Topics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How Debezium captures: three tables and a heartbeat, each row as flat JSON under its plain id,
 * exactly once. Connect, not Debezium, knows the topics' names: it routes them at the end.
 */
final class ConnectorConfiguration {
  /** Name of the connector, of its replication slot and of its publication. */
  static final String NAME = "areaflow_cdc";

  static final List<String> TABLES = List.of("areas", "hooks", "requests", "cdc_heartbeat");

  private static final String PREFIX = "areaflow";
  private static final String HEARTBEAT =
      "INSERT INTO cdc_heartbeat (id, beat_at) VALUES (1, now())"
          + " ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at";

  private ConnectorConfiguration() {}

  /** The worker's own properties. */
  static Map<String, String> worker(CdcConfig config) {
    String copies = Integer.toString(config.topics().replicationFactor());
    Map<String, String> worker = new TreeMap<>();
    worker.put("bootstrap.servers", config.topics().bootstrapServers());
    worker.put("group.id", config.group());
    worker.put("listeners", "http://" + config.restHost() + ":" + config.restPort());
    worker.put("plugin.discovery", "service_load");
    worker.put("exactly.once.source.support", "enabled");
    worker.put("scheduled.rebalance.max.delay.ms", "0");
    worker.put("session.timeout.ms", "6000");
    worker.put("heartbeat.interval.ms", "2000");
    worker.put("rebalance.timeout.ms", "10000");
    worker.put("task.shutdown.graceful.timeout.ms", "3000");
    worker.put("config.storage.topic", config.group() + "-configs");
    worker.put("config.storage.replication.factor", copies);
    worker.put("offset.storage.topic", config.group() + "-offsets");
    worker.put("offset.storage.replication.factor", copies);
    worker.put("offset.storage.partitions", "1");
    worker.put("status.storage.topic", config.group() + "-status");
    worker.put("status.storage.replication.factor", copies);
    worker.put("status.storage.partitions", "1");
    worker.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
    worker.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    worker.put("value.converter.schemas.enable", "false");
    worker.put("producer.max.request.size", Integer.toString(TopicAdmin.MAX_MESSAGE_BYTES));
    worker.put("producer.buffer.memory", Integer.toString(2 * TopicAdmin.MAX_MESSAGE_BYTES));
    return worker;
  }

  /** The connector's configuration. */
  static Map<String, String> connector(CdcConfig config) {
    Map<String, String> connector = new TreeMap<>();
    connector.put("name", NAME);
    connector.put("connector.class", AreaConnector.class.getName());
    connector.put("tasks.max", "1");
    connector.put("exactly.once.support", "required");
    connector.put("transaction.boundary", "poll");

    SourceDatabase database = config.database();
    connector.put("database.hostname", database.address().host());
    connector.put("database.port", Integer.toString(database.address().port()));
    connector.put("database.dbname", database.address().name());
    connector.put("database.user", database.user());
    connector.put("database.password", database.password().value());
    connector.put("plugin.name", "pgoutput");
    connector.put("slot.name", NAME);
    connector.put("publication.name", NAME);
    connector.put("publication.autocreate.mode", "filtered");
    connector.put(
        "table.include.list",
        String.join(",", TABLES.stream().map(table -> "public." + table).toList()));
    connector.put("topic.prefix", PREFIX);
    connector.put("message.key.columns", "public.requests:home");
    connector.put("snapshot.mode", "when_needed");
    connector.put("heartbeat.interval.ms", Long.toString(config.heartbeatInterval().toMillis()));
    connector.put("heartbeat.action.query", HEARTBEAT);
    connector.put("poll.interval.ms", Long.toString(config.pollInterval().toMillis()));
    connector.put("retriable.restart.connector.wait.ms", "1000");
    connector.put(
        "topic.creation.default.replication.factor",
        Integer.toString(config.topics().replicationFactor()));
    connector.put("topic.creation.default.partitions", "1");

    connector.put("predicates", "isHeartbeat,isRow,isRequest");
    predicate(connector, "isHeartbeat", "cdc_heartbeat");
    predicate(connector, "isRow", "(areas|hooks)");
    predicate(connector, "isRequest", "requests");

    connector.put(
        "transforms", "dropHeartbeat,unwrap,rowKey,requestKey,toDefinitions,toHooks,toRequests");
    connector.put("transforms.dropHeartbeat.type", "org.apache.kafka.connect.transforms.Filter");
    connector.put("transforms.dropHeartbeat.predicate", "isHeartbeat");
    connector.put("transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState");
    connector.put("transforms.unwrap.delete.tombstone.handling.mode", "tombstone");
    extractKey(connector, "rowKey", "isRow", "id");
    extractKey(connector, "requestKey", "isRequest", "home");
    route(connector, "toDefinitions", "areas", Topics.DEFINITIONS.name());
    route(connector, "toHooks", "hooks", Topics.HOOKS.name());
    route(connector, "toRequests", "requests", Topics.REQUESTS.name());
    return connector;
  }

  private static String topicOf(String table) {
    return PREFIX + "\\.public\\." + table;
  }

  private static void predicate(Map<String, String> connector, String name, String table) {
    String prefix = "predicates." + name + ".";
    connector.put(
        prefix + "type", "org.apache.kafka.connect.transforms.predicates.TopicNameMatches");
    connector.put(prefix + "pattern", topicOf(table));
  }

  private static void extractKey(
      Map<String, String> connector, String name, String predicate, String field) {
    String prefix = "transforms." + name + ".";
    connector.put(prefix + "type", "org.apache.kafka.connect.transforms.ExtractField$Key");
    connector.put(prefix + "field", field);
    connector.put(prefix + "predicate", predicate);
  }

  private static void route(
      Map<String, String> connector, String name, String table, String topic) {
    String prefix = "transforms." + name + ".";
    connector.put(prefix + "type", "org.apache.kafka.connect.transforms.RegexRouter");
    connector.put(prefix + "regex", topicOf(table));
    connector.put(prefix + "replacement", topic);
  }
}
