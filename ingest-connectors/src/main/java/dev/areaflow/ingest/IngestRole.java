package dev.areaflow.ingest;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.connections.StoredCredentials;
import dev.areaflow.ingest.ingress.Ingress;
import dev.areaflow.ingest.polls.PollWorker;
import dev.areaflow.ingest.requests.ReplayWorker;
import dev.areaflow.ingest.requests.RequestWorker;
import dev.areaflow.ingest.schedules.Schedules;
import dev.areaflow.schemas.backtest.Replayer;
import dev.areaflow.schemas.hooks.HookKey;
import dev.areaflow.schemas.role.Role;
import dev.areaflow.schemas.topics.RefusedSchemaException;
import dev.areaflow.schemas.topics.RegistrySerdes;
import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.TopicSerdes;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The role {@code ingest}: webhooks, clocks and polls, and what is asked of kept records. */
public final class IngestRole implements Role {
  private static final Logger LOG = LoggerFactory.getLogger(IngestRole.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

  private final IngestConfig config;
  private final Ingress ingress;
  private final Schedules schedules;
  private final StoredCredentials credentials;
  private final PollWorker polls;
  private final RequestWorker requests;
  private final ReplayWorker replays;
  private final BrokerProbe broker;
  private final Thread starter;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean topicsMade;
  private volatile String refusal = "";

  /**
   * @param catalog the services that the configuration says there are
   * @param replayer finds what AREAs with a rule or several hooks make of past events
   * @throws IllegalArgumentException if the key is no key
   */
  public IngestRole(
      IngestConfig config, ServiceCatalog catalog, Replayer replayer, MeterRegistry meters) {
    this.config = config;
    this.credentials =
        new StoredCredentials(
            config.database(),
            catalog,
            config.services().clients(),
            config.vault(),
            config.http(),
            Clock.systemUTC());
    TopicSerdes serdes = new RegistrySerdes(config.kafka().registryUrl());
    this.ingress =
        new Ingress(
            config.host(),
            config.port(),
            config.hooksUrl(),
            new HookKey(config.key().value()),
            config.limits(),
            config.kafka().bootstrapServers(),
            serdes,
            catalog,
            Clock.systemUTC(),
            meters);
    this.schedules = new Schedules(config.kafka(), config.stateDir(), catalog, serdes);
    this.polls =
        new PollWorker(
            config.kafka().bootstrapServers(),
            config.http(),
            catalog,
            serdes,
            credentials,
            config.services().budgets());
    this.requests = new RequestWorker(config.kafka().bootstrapServers(), serdes, meters);
    this.replays = new ReplayWorker(config.kafka().bootstrapServers(), serdes, replayer, meters);
    this.broker = new BrokerProbe(this::admin);
    this.starter = Thread.ofPlatform().name("ingest-start").unstarted(this::reachKafka);
  }

  @Override
  public String name() {
    return "ingest";
  }

  /** The port of the hooks, also where any free one was asked for. */
  public int port() {
    return ingress.port();
  }

  @Override
  public void start() {
    ingress.open();
    starter.start();
  }

  /** Makes the topics and connects, again and again until it works or the role is closed. */
  private void reachKafka() {
    while (closing.getCount() > 0) {
      try {
        if (!topicsMade) {
          makeTopics();
        }
        ingress.connect();
        refusal = "";
        schedules.start();
        polls.start();
        requests.start();
        replays.start();
        broker.start();
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RefusedSchemaException e) {
        refusal = String.valueOf(e.getMessage());
        LOG.error("ingest: {}", refusal);
      } catch (RuntimeException e) {
        LOG.info("ingest: waits for Kafka and the registry: {}", e.getMessage());
      }
      try {
        if (closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void makeTopics() throws InterruptedException {
    try (Admin admin = admin()) {
      new TopicAdmin(admin, config.kafka()).createMissing();
      PollWorker.configure(admin);
      topicsMade = true;
    }
  }

  private Admin admin() {
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            config.kafka().bootstrapServers(),
            AdminClientConfig.CLIENT_ID_CONFIG,
            "area-ingest-admin",
            AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
            500));
  }

  @Override
  public List<String> notReady() {
    List<String> missing = new ArrayList<>();
    if (!topicsMade) {
      missing.add("topics: not made yet");
    }
    if (!refusal.isEmpty()) {
      missing.add(refusal);
    }
    missing.addAll(ingress.notReady());
    if (!schedules.running()) {
      missing.add("schedules: the clocks are not being watched yet");
    }
    if (!broker.reachable()) {
      missing.add("Kafka: no broker answers");
    }
    return missing;
  }

  @Override
  public void close() {
    closing.countDown();
    starter.interrupt();
    try {
      if (starter.isAlive()) { // an unstarted one cannot be joined
        starter.join(CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ingress.close();
    polls.close();
    requests.close();
    replays.close();
    credentials.close();
    schedules.close();
    broker.close();
  }
}
