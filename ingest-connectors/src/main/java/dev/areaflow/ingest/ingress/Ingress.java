package dev.areaflow.ingest.ingress;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.Wake;
import dev.areaflow.schemas.hooks.HookKey;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The webhook ingress: HTTP opens first and answers 503 until Kafka is reached and the hooks are
 * read. Open, connect and close are called in this order, from any one thread at a time.
 */
public final class Ingress implements AutoCloseable {
  private static final int MOST_TALLIED_HOOKS = 10_000;

  private final String bootstrapServers;
  private final TopicSerdes serdes;
  private final HookTable hooks;
  private final HookTallies tallies = new HookTallies(MOST_TALLIED_HOOKS);
  private final SlowBodies slow;
  private final HookServer server;
  private volatile @Nullable Connected connected;

  /** What there is once Kafka was reached. */
  private record Connected(
      KafkaEvents events, HookTableReader reader, HookActivityReporter reporter) {}

  /**
   * @param port 0 for any free one
   * @param key of the hooks' tokens and secrets
   * @param clock the time of receipt, and of secrets' ends
   */
  public Ingress(
      String host,
      int port,
      URI hooksUrl,
      HookKey key,
      IngressLimits limits,
      String bootstrapServers,
      TopicSerdes serdes,
      ServiceCatalog catalog,
      Clock clock,
      MeterRegistry meters) {
    this.bootstrapServers = bootstrapServers;
    this.serdes = serdes;
    this.hooks = new HookTable(row -> Hook.of(row, catalog, key));
    this.slow = new SlowBodies(limits.bodyWithin());
    meters.gauge("areaflow.ingress.hooks", hooks, HookTable::size);
    this.server =
        new HookServer(
            host,
            port,
            limits,
            new HookEndpoint(
                hooksUrl, key, hooks, new WhenConnected(), tallies, limits, slow, clock, meters));
  }

  /**
   * Opens the port.
   *
   * @throws IllegalStateException if it is taken
   */
  public void open() {
    slow.start();
    server.start();
  }

  /** The port, once open. */
  public int port() {
    return server.port();
  }

  /**
   * Reaches Kafka and the registry, and starts to read the hooks. The topics must be there.
   *
   * @throws RuntimeException of Kafka or the registry, when either cannot be reached; it may be
   *     called again
   */
  public void connect() {
    KafkaEvents events =
        new KafkaEvents(
            new KafkaProducer<>(
                KafkaEvents.properties(bootstrapServers),
                new StringSerializer(),
                new ByteArraySerializer()),
            serdes);
    try {
      events.prepare();
    } catch (RuntimeException e) {
      events.close();
      throw e;
    }
    HookTableReader reader =
        new HookTableReader(
            hooks,
            () ->
                new KafkaConsumer<>(
                    consumerProperties(), new StringDeserializer(), new ByteArrayDeserializer()),
            serdes.values(Topics.HOOKS).deserializer());
    HookActivityReporter reporter = new HookActivityReporter(tallies, events::report);
    connected = new Connected(events, reader, reporter);
    reader.start();
    reporter.start();
  }

  private Map<String, Object> consumerProperties() {
    return Map.of(
        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
        bootstrapServers,
        ConsumerConfig.CLIENT_ID_CONFIG,
        "area-hook-table",
        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
        "read_committed",
        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
        "earliest",
        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
        false,
        ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
        500);
  }

  /** Kafka, once it was reached. */
  private final class WhenConnected implements EventSink {
    @Override
    public void keep(Event event, Duration patience)
        throws NotKeptException, EventTooLargeException, InterruptedException {
      events().keep(event, patience);
    }

    @Override
    public void wake(Wake wake, Duration patience) throws NotKeptException, InterruptedException {
      events().wake(wake, patience);
    }

    private EventSink events() throws NotKeptException {
      @Nullable Connected now = connected;
      if (now == null) {
        throw new NotKeptException("Kafka was not reached yet");
      }
      return now.events();
    }
  }

  /** What is still missing, a sentence each. */
  public List<String> notReady() {
    List<String> missing = new ArrayList<>();
    if (connected == null) {
      missing.add("ingress: Kafka or the schema registry is not reached yet");
    }
    if (!hooks.complete()) {
      missing.add("ingress: the hooks are still being read");
    }
    return missing;
  }

  @Override
  public void close() {
    server.close();
    slow.close();
    @Nullable Connected now = connected;
    if (now != null) {
      now.reader().close();
      now.reporter().close();
      now.events().close();
    }
  }
}
