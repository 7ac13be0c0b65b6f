package dev.areaflow.schemas.topics;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One share consumer of a topic, and what the thread that owns it does: it takes a batch, has it
 * worked off, and takes the next. A consumer that fails is made again, after pauses that grow.
 *
 * <p>{@link #run} is called once; everything else is safe for several threads.
 */
public final class ShareLoop implements Runnable, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShareLoop.class);
  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Topic<?> topic;
  private final Supplier<ShareConsumer<byte[], byte[]>> consumers;
  private final Work work;
  private final Listener listener;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable ShareConsumer<byte[], byte[]> current;
  private volatile Optional<String> trouble = Optional.empty();

  /** What is done with batches, in the thread that runs the loop. */
  @FunctionalInterface
  public interface Work {
    /**
     * Acknowledges each record of a batch, or throws; then the consumer is made again, and the
     * records come again.
     *
     * @param consumer this thread's, to acknowledge with
     */
    void workOff(ShareConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records)
        throws InterruptedException;
  }

  /** Hears of what goes wrong, in the thread that runs the loop. */
  public interface Listener {
    /** One that only has it logged. */
    Listener NONE = new Listener() {};

    /** A consumer failed and is made again. */
    default void restarted() {}

    /** The broker does not have acknowledgements: those records come again. */
    default void acknowledgementLost() {}
  }

  /**
   * @param consumers makes a consumer in the group, with explicit acknowledgement
   */
  public ShareLoop(
      Topic<?> topic,
      Supplier<ShareConsumer<byte[], byte[]>> consumers,
      Work work,
      Listener listener) {
    this.topic = topic;
    this.consumers = consumers;
    this.work = work;
    this.listener = listener;
  }

  /** Takes records until closed or interrupted. */
  @Override
  public void run() {
    Duration pause = FIRST_PAUSE;
    try {
      while (!isClosing()) {
        try {
          consume();
          pause = FIRST_PAUSE;
        } catch (WakeupException e) {
          LOG.debug("woken up to stop");
        } catch (RuntimeException e) {
          if (trouble.isEmpty()) {
            pause = FIRST_PAUSE;
          }
          trouble = Optional.of(topic.name() + " is not read: " + e.getMessage());
          listener.restarted();
          LOG.warn("share consumer of {} failed and is made again in {}", topic.name(), pause, e);
          if (closesWithin(pause)) {
            return;
          }
          pause = pause.multipliedBy(2);
          pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void consume() throws InterruptedException {
    ShareConsumer<byte[], byte[]> consumer = consumers.get();
    try {
      consumer.setAcknowledgementCommitCallback(
          (offsets, failure) -> {
            if (failure != null) {
              listener.acknowledgementLost();
              LOG.warn("{} will come again: {}", offsets, failure.toString());
            }
          });
      consumer.subscribe(List.of(topic.name()));
      current = consumer;
      while (!isClosing()) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(ShareGroups.POLL);
        trouble = Optional.empty();
        if (!records.isEmpty()) {
          work.workOff(consumer, records);
        }
      }
    } finally {
      current = null;
      consumer.close(CLOSE);
    }
  }

  /** Why records are not read at present, where that is so. */
  public Optional<String> trouble() {
    return trouble;
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  /** Waits, and returns true as soon as the loop was asked to stop. */
  public boolean closesWithin(Duration wait) throws InterruptedException {
    return closing.await(wait.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Asks the thread to stop after the batch in hand. */
  @Override
  public void close() {
    closing.countDown();
    ShareConsumer<byte[], byte[]> open = current;
    if (open != null) {
      open.wakeup();
    }
  }
}
