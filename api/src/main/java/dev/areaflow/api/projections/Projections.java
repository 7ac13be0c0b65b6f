package dev.areaflow.api.projections;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.database.DatabaseUnavailableException;
import dev.areaflow.api.topics.RecordDecoder;
import dev.areaflow.schemas.topics.TopicSerdes;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the projections running while this instance is the one that projects. Others stand by and
 * take over within a second or two of its end.
 */
public final class Projections implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Projections.class);
  private static final Duration CHECK = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Database database;
  private final Supplier<Consumer<String, byte[]>> consumers;
  private final TopicSerdes serdes;
  private final MeterRegistry metrics;
  private final List<Supplier<Projection<?>>> projections;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread supervisor =
      Thread.ofPlatform().daemon().name("api-projections").unstarted(this::supervise);
  private volatile List<ProjectionLoop<?>> loops = List.of();
  private volatile @Nullable String missing = "who projects is not settled yet";

  /**
   * @param consumers makes read-committed consumers that belong to no group and never reset
   */
  public Projections(
      ProjectionConfig config,
      Database database,
      Supplier<Consumer<String, byte[]>> consumers,
      TopicSerdes serdes,
      Clock clock,
      MeterRegistry metrics) {
    this.database = database;
    this.consumers = consumers;
    this.serdes = serdes;
    this.metrics = metrics;
    this.projections =
        List.of(
            StatusProjection::new,
            () ->
                new RunProjection(new RunPartitions(database, clock, config.runRetention()), clock),
            ActivityProjection::new,
            PollProjection::new,
            DeadLetterProjection::new,
            ReplayProjection::new);
  }

  /** Starts, once the topics are there. */
  public void start() {
    supervisor.start();
  }

  /** What keeps this instance from projecting or standing by, a sentence each. */
  public List<String> notReady() {
    String reason = missing;
    if (reason != null) {
      return List.of(reason);
    }
    return loops.stream().flatMap(loop -> loop.notReady().stream()).toList();
  }

  private void supervise() {
    while (true) {
      try {
        lead();
      } catch (DatabaseUnavailableException | JdbiException e) {
        missing = "who projects is not settled: " + e.getMessage();
      } catch (RuntimeException e) {
        missing = "the projections stopped: " + e.getMessage();
        LOG.error("{}; starting them again", missing, e);
      }
      if (waited()) {
        return;
      }
    }
  }

  /** Waits for a moment; true if it is over. */
  private boolean waited() {
    try {
      return closed.await(CHECK.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void lead() {
    try (Leadership leadership = Leadership.ask(database)) {
      missing = null;
      if (leadership == null) {
        return;
      }
      List<Thread> threads = new ArrayList<>();
      List<RecordDecoder<?>> readers = new ArrayList<>();
      try {
        List<ProjectionLoop<?>> started = new ArrayList<>();
        for (Supplier<Projection<?>> projection : projections) {
          start(projection.get(), started, threads, readers);
        }
        loops = List.copyOf(started);
        while (!waited() && leadership.lasts()) {
          // the loops do the work
        }
      } finally {
        stop(threads);
        readers.forEach(RecordDecoder::close);
      }
    }
  }

  private <V> void start(
      Projection<V> projection,
      List<ProjectionLoop<?>> started,
      List<Thread> threads,
      List<RecordDecoder<?>> readers) {
    RecordDecoder<V> values = new RecordDecoder<>(serdes, projection.topic());
    readers.add(values);
    ProjectionLoop<V> loop = new ProjectionLoop<>(projection, database, consumers, values, metrics);
    started.add(loop);
    threads.add(
        Thread.ofPlatform().daemon().name("api-project-" + projection.topic().name()).start(loop));
  }

  private void stop(List<Thread> threads) {
    loops.forEach(ProjectionLoop::stop);
    for (Thread thread : threads) {
      try {
        if (!thread.join(PATIENCE)) {
          LOG.warn("{} does not end within {}; left behind", thread.getName(), PATIENCE);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    loops = List.of();
  }

  /** Ends the projections after the batches in hand. */
  @Override
  public void close() {
    closed.countDown();
    loops.forEach(ProjectionLoop::stop);
    try {
      if (supervisor.isAlive() && !supervisor.join(PATIENCE)) {
        LOG.warn("the projections did not end within {}", PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
