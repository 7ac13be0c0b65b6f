package dev.areaflow.ingest.requests;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that follows requests, and begins anew after a pause where Kafka or the registry fails.
 * Start and close are called once each.
 */
final class RequestLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RequestLoop.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final String name;
  private final Runnable work;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Consumer<?, ?> current;

  /**
   * @param work follows them until {@link #isClosing}, with a consumer that {@link #reading} has
   */
  RequestLoop(String name, Runnable work) {
    this.name = name;
    this.work = work;
    this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  boolean isClosing() {
    return closing.getCount() == 0;
  }

  /** What is woken when this closes; null for nothing. */
  void reading(@Nullable Consumer<?, ?> consumer) {
    current = consumer;
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    while (!isClosing()) {
      long begunNanos = System.nanoTime();
      try {
        work.run();
      } catch (WakeupException e) {
        // close() woke the consumer; the loop's condition ends it
      } catch (RuntimeException e) {
        // Kafka's, the registry's, or a fault of ours: without this thread nothing is done again
        LOG.warn("{}: not carried out, tried again in {}", name, pause, e);
      }
      boolean ranLong = System.nanoTime() - begunNanos > LONGEST_PAUSE.toNanos();
      pause = ranLong ? FIRST_PAUSE : pause;
      try {
        if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
  }

  /** Ends after what is in hand. */
  @Override
  public void close() {
    closing.countDown();
    @Nullable Consumer<?, ?> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
    try {
      if (thread.isAlive() && !thread.join(CLOSE_WITHIN)) {
        LOG.warn("{} did not stop in time and is interrupted", name);
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
