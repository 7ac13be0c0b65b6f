package dev.areaflow.ingest.schedules;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka Streams application that is made anew, after a pause, whenever it fails: a broker that is
 * away at the start or for long ends an application for good.
 *
 * <p>It runs on its own thread, since starting one blocks while there is no broker.
 */
final class SupervisedStreams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SupervisedStreams.class);
  private static final Duration LEAST_PAUSE = Duration.ofMillis(500);
  private static final Duration MOST_PAUSE = Duration.ofSeconds(10);
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

  private final String name;
  private final Supplier<KafkaStreams> factory;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable KafkaStreams current;

  SupervisedStreams(String name, Supplier<KafkaStreams> factory) {
    this.name = name;
    this.factory = factory;
    this.thread = Thread.ofPlatform().name(name + "-supervisor").unstarted(this::supervise);
  }

  void start() {
    thread.start();
  }

  /** Whether every task has its partitions and state. */
  boolean running() {
    @Nullable KafkaStreams streams = current;
    return streams != null && streams.state() == KafkaStreams.State.RUNNING;
  }

  private void supervise() {
    Duration pause = LEAST_PAUSE;
    while (closing.getCount() > 0) {
      long startedAt = System.nanoTime();
      try {
        runOnce();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        LOG.warn("{}: failed to start, is tried again in {}", name, pause, e);
      }
      boolean ranLong = System.nanoTime() - startedAt > LONG_ENOUGH.toNanos();
      pause = ranLong ? LEAST_PAUSE : pause;
      try {
        if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(MOST_PAUSE) > 0 ? MOST_PAUSE : doubled;
    }
  }

  /** Runs one application until it fails or {@link #close} is called. */
  private void runOnce() throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    KafkaStreams streams = factory.get();
    streams.setUncaughtExceptionHandler(
        exception -> {
          LOG.warn("{}: failed, is made anew", name, exception);
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.setStateListener(
        (state, before) -> {
          if (state == KafkaStreams.State.ERROR || state == KafkaStreams.State.NOT_RUNNING) {
            ended.countDown();
          }
        });
    current = streams;
    try {
      if (closing.getCount() > 0) {
        streams.start();
        ended.await();
      }
    } finally {
      current = null;
      close(streams);
    }
  }

  /** Leaves the group, so that another instance, or the next start, takes over at once. */
  @Override
  public void close() {
    closing.countDown();
    @Nullable KafkaStreams streams = current;
    if (streams != null) {
      close(streams);
    }
    thread.interrupt();
    try {
      if (thread.isAlive()) { // an unstarted one cannot be joined
        thread.join(CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void close(KafkaStreams streams) {
    boolean closed =
        streams.close(
            CloseOptions.timeout(CLOSE_WITHIN)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    if (!closed) {
      LOG.warn("{}: not closed within {}", name, CLOSE_WITHIN);
    }
  }
}
