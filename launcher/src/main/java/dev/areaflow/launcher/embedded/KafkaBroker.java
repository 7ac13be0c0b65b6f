package dev.areaflow.launcher.embedded;

import dev.areaflow.schemas.topics.TopicAdmin;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.jspecify.annotations.Nullable;

/**
 * One Kafka node in this JVM, broker and KRaft controller in one. It can be stopped and started
 * again on the same port and data.
 */
public final class KafkaBroker implements AutoCloseable {
  private static final int NODE = 1;
  private static final String CONTROLLER = "CONTROLLER";

  /** Of each of Kafka's own topics: enough to spread load, few enough to load fast. */
  private static final String INTERNAL_PARTITIONS = "4";

  private static final Duration OFFSETS_RETENTION = Duration.ofDays(60);

  private final Path logs;
  private final int port;
  private final int controllerPort;
  private @Nullable KafkaRaftServer server;

  /** Starts nothing yet. */
  public KafkaBroker(Path logs, int port, int controllerPort) {
    this.logs = logs;
    this.port = port;
    this.controllerPort = controllerPort;
  }

  /** Its address for clients. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /**
   * Starts it, formatting its directory the first time, and returns when it serves.
   *
   * @throws EmbeddedStackException if it cannot
   */
  public synchronized void start() {
    if (server != null) {
      return;
    }
    try {
      format();
      var starting = new KafkaRaftServer(new KafkaConfig(properties(), false), Time.SYSTEM);
      server = starting;
      starting.startup();
    } catch (Exception e) {
      close();
      throw new EmbeddedStackException("Kafka does not start on " + logs + ": " + e, e);
    }
  }

  private void format() throws Exception {
    if (Files.exists(logs.resolve("meta.properties"))) {
      return;
    }
    Formatter formatter =
        new Formatter()
            .setPrintStream(
                new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8))
            .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
            .setClusterId(Uuid.randomUuid().toString())
            .setNodeId(NODE)
            .setControllerListenerName(CONTROLLER)
            .setMetadataLogDirectory(logs.toString())
            .setDirectories(List.of(logs.toString()));
    formatter.run();
  }

  private Map<String, String> properties() {
    Map<String, String> properties = new TreeMap<>();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", Integer.toString(NODE));
    properties.put("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
    properties.put("controller.listener.names", CONTROLLER);
    properties.put(
        "listeners",
        "PLAINTEXT://127.0.0.1:" + port + "," + CONTROLLER + "://127.0.0.1:" + controllerPort);
    properties.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    properties.put(
        "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
    properties.put("log.dirs", logs.toString());
    properties.put("auto.create.topics.enable", "false");
    properties.put("message.max.bytes", Integer.toString(TopicAdmin.MAX_MESSAGE_BYTES));
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("offsets.topic.num.partitions", INTERNAL_PARTITIONS);
    properties.put("transaction.state.log.replication.factor", "1");
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("transaction.state.log.num.partitions", INTERNAL_PARTITIONS);
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    properties.put("share.coordinator.state.topic.num.partitions", INTERNAL_PARTITIONS);
    properties.put("offsets.retention.minutes", Long.toString(OFFSETS_RETENTION.toMinutes()));
    properties.put("group.initial.rebalance.delay.ms", "0");
    // A killed program's clients are gone for certain: its members need not be waited for long.
    properties.put("group.min.session.timeout.ms", "1000");
    properties.put("num.network.threads", "2");
    properties.put("num.io.threads", "4");
    properties.put("background.threads", "2");
    properties.put("num.recovery.threads.per.data.dir", "2");
    properties.put("log.cleaner.threads", "1");
    properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 * 1024 * 1024));
    properties.put("log.cleaner.io.buffer.size", Integer.toString(512 * 1024));
    // How long a start after a kill waits for the node that it was.
    properties.put("broker.session.timeout.ms", "3000");
    properties.put("broker.heartbeat.interval.ms", "500");
    return properties;
  }

  /** Stops it; what it acknowledged is on disk or with the operating system. */
  @Override
  public synchronized void close() {
    KafkaRaftServer stopping = server;
    server = null;
    if (stopping != null) {
      stopping.shutdown();
      stopping.awaitShutdown();
    }
  }
}
