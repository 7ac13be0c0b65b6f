package dev.areaflow.topology;

import dev.areaflow.schemas.role.Role;
import dev.areaflow.schemas.topics.RegistrySerdes;
import dev.areaflow.schemas.topics.TopicAdmin;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The role {@code topology}: runs the Streams application on a thread of its own, and makes it
 * anew, with growing pauses, whenever it fails.
 */
public final class TopologyRole implements Role {
  private static final Logger log = LoggerFactory.getLogger(TopologyRole.class);
  private static final Duration CLOSING = Duration.ofSeconds(20);

  private final TopologyConfig config;
  private final MeterRegistry registry;
  private final TopologyMetrics metrics;
  private final SharedSerdes serdes;
  private final DeadLetters deadLetters;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicReference<@Nullable Application> application = new AtomicReference<>();
  private final RestartPauses pauses = new RestartPauses(); // the supervisor's
  private final Thread supervisor;
  private volatile String missing = "the topology has not started";

  /** Reaches nothing before {@link #start}. */
  public TopologyRole(TopologyConfig config, MeterRegistry registry) {
    this.config = config;
    this.registry = registry;
    this.metrics = new TopologyMetrics(registry);
    this.serdes = new SharedSerdes(new RegistrySerdes(config.topics().registryUrl()));
    this.deadLetters = new DeadLetters(serdes, Clock.systemUTC(), metrics);
    this.supervisor = Thread.ofPlatform().name("topology-supervisor").unstarted(this::supervise);
  }

  @Override
  public String name() {
    return "topology";
  }

  @Override
  public void start() {
    supervisor.start();
  }

  @Override
  public List<String> notReady() {
    Application running = application.get();
    return running == null ? List.of(missing) : running.waitsFor().stream().toList();
  }

  @Override
  public void close() {
    closing.countDown();
    Application running = application.get();
    if (running != null) {
      running.close();
    }
    supervisor.interrupt();
    try {
      if (supervisor.isAlive()) { // an unstarted one cannot be joined
        supervisor.join(CLOSING);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    serdes.close();
  }

  private void supervise() {
    try {
      do {
        long born = System.nanoTime();
        Optional<Throwable> failure = live();
        Duration pause = pauses.after(Duration.ofNanos(System.nanoTime() - born));
        if (failure.isPresent()) {
          missing = "the topology starts again soon: " + failure.get().getMessage();
          log.warn("the topology stopped and starts again in {}", pause, failure.get());
        }
        if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } while (true);
    } catch (InterruptedException e) {
      // Only close() interrupts, and it waits for this thread to end.
      Thread.currentThread().interrupt();
    }
  }

  /** One life of the application, from the conditions of its start to what ended it. */
  private Optional<Throwable> live() throws InterruptedException {
    try {
      establish();
      try (Application life = newApplication()) {
        application.set(life);
        return closing.getCount() == 0 ? Optional.empty() : life.runUntilEnd();
      } finally {
        application.set(null);
      }
    } catch (ExecutionException e) {
      return Optional.of(e.getCause() == null ? e : e.getCause());
    } catch (RuntimeException e) {
      return Optional.of(e);
    }
  }

  private void forgetState() {
    try (Application unborn = newApplication()) {
      unborn.forgetState();
    }
  }

  private Application newApplication() {
    return new Application(config, serdes, deadLetters, metrics, registry);
  }

  private void establish() throws ExecutionException, InterruptedException {
    missing = "Kafka's topics are being made";
    try (Admin admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.topics().bootstrapServers()))) {
      new TopicAdmin(admin, config.topics()).createMissing();
      new StartConditions(admin).establish(this::forgetState);
    }
    missing = "the schema registry does not answer yet";
    serdes.warm();
    missing = "the stream threads are starting";
  }
}
