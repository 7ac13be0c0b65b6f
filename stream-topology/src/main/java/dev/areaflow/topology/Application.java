package dev.areaflow.topology;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * One life of the Streams application, from its start until it fails or is closed; the role makes
 * another. {@link #runUntilEnd} is for one thread, the rest for any.
 */
final class Application implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(25);
  private static final Duration CLOSING = Duration.ofSeconds(15);

  private final TopologyConfig config;
  private final StoreMemory memory;
  private final EventsGate gate = new EventsGate();
  private final KafkaStreams streams;
  private final KafkaStreamsMetrics metrics;
  private final CompletableFuture<Optional<Throwable>> end = new CompletableFuture<>();

  Application(
      TopologyConfig config,
      SharedSerdes serdes,
      DeadLetters deadLetters,
      TopologyMetrics counters,
      MeterRegistry registry) {
    this.config = config;
    this.memory = new StoreMemory(config.storeMebibytes());
    Properties properties = ApplicationProperties.of(config, deadLetters, memory);
    Topology topology = new AreaflowTopology(config, serdes, counters).build(properties);
    this.streams = new KafkaStreams(topology, properties, gate);
    streams.setUncaughtExceptionHandler(
        failure -> {
          end.complete(Optional.of(failure));
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.setStateListener(
        (now, before) -> {
          if (now.hasCompletedShutdown() || now == State.ERROR) {
            end.complete(Optional.empty());
          }
        });
    this.metrics = new KafkaStreamsMetrics(streams);
    metrics.bindTo(registry);
  }

  /**
   * Starts, opens the gate when definitions are applied, and waits for the end.
   *
   * @return what ended it; empty if it was closed
   * @throws ExecutionException if Kafka does not answer
   */
  Optional<Throwable> runUntilEnd() throws ExecutionException, InterruptedException {
    streams.start();
    Map<String, Object> addresses =
        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.topics().bootstrapServers());
    Map<String, Object> reading =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            config.topics().bootstrapServers(),
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false);
    try (Admin admin = Admin.create(addresses);
        var reader =
            new KafkaConsumer<>(
                reading, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var progress = new DefinitionsProgress(admin, reader, config.topics().partitions());
      while (!gate.isOpen() && !ended(LOOK)) {
        if (streams.state() == State.RUNNING && progress.isComplete()) {
          gate.open();
        }
      }
    }
    return end.get();
  }

  /** Removes what earlier lives left on the disk; only before it runs. */
  void forgetState() {
    streams.cleanUp();
  }

  /** What it still waits for, empty when it decides events. */
  Optional<String> waitsFor() {
    State state = streams.state();
    if (state != State.RUNNING) {
      return Optional.of("the stream threads are " + state);
    }
    return gate.isOpen() ? Optional.empty() : Optional.of("definitions are still being loaded");
  }

  /** Stops, leaving the group, so that whoever comes next does not wait for this one. */
  @Override
  public void close() {
    boolean stopped =
        streams.close(
            CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP)
                .withTimeout(CLOSING));
    metrics.close();
    if (stopped) {
      memory.close(); // not under threads that still use their stores
    }
    end.complete(Optional.empty());
  }

  private boolean ended(Duration patience) throws ExecutionException, InterruptedException {
    try {
      end.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }
}
