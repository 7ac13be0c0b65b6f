package dev.areaflow.executors;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.connections.StoredCredentials;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.role.Role;
import dev.areaflow.schemas.topics.RefusedSchemaException;
import dev.areaflow.schemas.topics.RegistrySerdes;
import dev.areaflow.schemas.topics.ShareGroups;
import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The role {@code executors}: it carries commands out and reports their outcomes. No state. */
public final class ExecutorsRole implements Role {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorsRole.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration JOIN_PAUSE = Duration.ofMillis(100);
  private static final Duration JOIN_THREAD = Duration.ofSeconds(10);

  private final ExecutorsConfig config;
  private final Serde<Command> commands;
  private final ShareGroup group;
  private final GuardedHttpClient client;
  private final StoredCredentials credentials;
  private final InFlight inFlight;
  private final OutcomePublisher publisher;
  private final CommandWork work;
  private final List<CommandConsumer> consumers;
  private final List<Thread> consumerThreads;
  private final Thread starter;
  private volatile String missing = "not started";

  /**
   * Connects nothing yet; {@link #start} does.
   *
   * @param catalog the services that the configuration says there are
   */
  public ExecutorsRole(ExecutorsConfig config, ServiceCatalog catalog, MeterRegistry registry) {
    Clock clock = Clock.systemUTC();
    this.config = config;
    TopicSerdes serdes = new RegistrySerdes(config.topics().registryUrl());
    this.commands = serdes.values(Topics.COMMANDS);
    this.client = new GuardedHttpClient(config.http());
    this.credentials =
        new StoredCredentials(
            config.database(),
            catalog,
            config.services().clients(),
            config.vault(),
            config.http(),
            clock);
    this.inFlight = new InFlight(config.inFlight(), config.inFlightMebibytes() * 1024L * 1024L);
    ExecutorMetrics metrics = new ExecutorMetrics(registry, inFlight);
    this.publisher = new OutcomePublisher(producer(config), serdes, metrics);
    HostLimits limits =
        new HostLimits(
            new HostLimits.Limits(
                config.hostCalls(), config.hostSlowCalls(), config.hostRate(), config.inFlight()),
            Ticker.systemTicker());
    Breakers breakers = new Breakers(config.breakers(), metrics, Ticker.systemTicker());
    metrics.watch(breakers);
    this.work =
        new CommandWork(
            new HttpReactionExecutor(
                catalog,
                credentials,
                client,
                new Admission(breakers, limits, config.services().budgets()),
                new CallTimeouts(config.http().callTimeout(), config.longestCall()),
                clock),
            publisher,
            inFlight,
            metrics,
            clock);
    this.group = new ShareGroup(config.topics().bootstrapServers());
    this.consumers =
        IntStream.range(0, config.consumers())
            .mapToObj(
                number ->
                    new CommandConsumer(
                        () -> group.consumer(config.batch()),
                        commands.deserializer(),
                        work,
                        inFlight,
                        metrics,
                        clock))
            .toList();
    this.consumerThreads =
        IntStream.range(0, consumers.size())
            .mapToObj(
                number ->
                    Thread.ofPlatform()
                        .name("executors-consumer-" + number)
                        .unstarted(consumers.get(number)))
            .toList();
    this.starter = Thread.ofPlatform().name("executors-start").unstarted(this::becomeReady);
  }

  @Override
  public String name() {
    return "executors";
  }

  @Override
  public void start() {
    missing = "starting";
    starter.start();
  }

  @Override
  public List<String> notReady() {
    String stage = missing;
    return stage.isEmpty()
        ? consumers.stream()
            .map(CommandConsumer::trouble)
            .flatMap(Optional::stream)
            .distinct()
            .toList()
        : List.of(stage);
  }

  @Override
  public void close() {
    starter.interrupt();
    consumers.forEach(CommandConsumer::close);
    inFlight.close();
    try {
      if (starter.isAlive()) {
        starter.join(JOIN_THREAD);
      }
      for (Thread thread : consumerThreads) {
        if (thread.isAlive() && !thread.join(JOIN_THREAD)) {
          LOG.warn("{} did not stop in time and is interrupted", thread.getName());
          thread.interrupt();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    work.close();
    publisher.close();
    commands.close();
    client.close();
    credentials.close();
  }

  private void becomeReady() {
    try (Admin admin = admin()) {
      while (!prepared(admin)) {
        Thread.sleep(PAUSE);
      }
      consumerThreads.forEach(Thread::start);
      missing = "waiting for the share group " + ShareGroup.ID;
      while (!joined(admin)) {
        Thread.sleep(JOIN_PAUSE);
      }
      missing = "";
    } catch (InterruptedException e) {
      LOG.debug("stopped while starting");
    }
  }

  /** Topics, the group's settings, and the schemas: what must stand before the first command. */
  private boolean prepared(Admin admin) throws InterruptedException {
    try {
      missing = "waiting for Kafka at " + config.topics().bootstrapServers();
      new TopicAdmin(admin, config.topics()).createMissing();
      ShareGroups.configure(admin, ShareGroup.ID);
      missing = "waiting for the schema registry at " + config.topics().registryUrl();
      publisher.prepare();
      readCommand();
      return true;
    } catch (RefusedSchemaException e) {
      missing = String.valueOf(e.getMessage());
      LOG.error("{}", missing);
      return false;
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      LOG.warn("{}: {}", missing, e.toString());
      return false;
    }
  }

  /** Reads a command once, so that the first real one does not wait for its schema. */
  private void readCommand() {
    String topic = Topics.COMMANDS.name();
    byte[] written = commands.serializer().serialize(topic, Command.newBuilder().build());
    commands.deserializer().deserialize(topic, written);
  }

  /** The first join of a fresh cluster takes seconds, which the first command shall not wait. */
  private boolean joined(Admin admin) throws InterruptedException {
    try {
      return group.membersAtWork(admin) > 0;
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("share group cannot be described yet", e);
      return false;
    }
  }

  private Admin admin() {
    return Admin.create(
        Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.topics().bootstrapServers()));
  }

  private static Producer<String, byte[]> producer(ExecutorsConfig config) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.topics().bootstrapServers());
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, TopicAdmin.MAX_MESSAGE_BYTES);
    return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }
}
