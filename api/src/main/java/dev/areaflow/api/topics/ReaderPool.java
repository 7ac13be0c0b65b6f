package dev.areaflow.api.topics;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;

/** A few readers of topics, made when needed and kept. Safe for several threads. */
public final class ReaderPool implements AutoCloseable {
  private static final int READERS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Supplier<Consumer<String, byte[]>> consumers;
  private final Semaphore permits = new Semaphore(READERS, true);
  private final Deque<TopicReader> idle = new ArrayDeque<>();
  private boolean closed;

  /**
   * @param consumers makes read-committed consumers that belong to no group and never reset
   */
  public ReaderPool(Supplier<Consumer<String, byte[]>> consumers) {
    this.consumers = consumers;
  }

  /**
   * Lets a task use a reader.
   *
   * @throws SlowTopicException if all of them are busy for too long
   */
  public <T> T read(Function<TopicReader, T> task) {
    try {
      if (!permits.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new SlowTopicException("all " + READERS + " readers of topics are busy");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlowTopicException("interrupted while waiting for a reader of topics");
    }
    try {
      TopicReader reader = take();
      boolean usable = false;
      try {
        T result = task.apply(reader);
        usable = true;
        return result;
      } finally {
        giveBack(reader, usable);
      }
    } finally {
      permits.release();
    }
  }

  private TopicReader take() {
    synchronized (this) {
      TopicReader kept = idle.poll();
      if (kept != null) {
        return kept;
      }
    }
    return new TopicReader(consumers.get());
  }

  /** A reader that failed may be in any state: it is closed. */
  private void giveBack(TopicReader reader, boolean usable) {
    synchronized (this) {
      if (usable && !closed) {
        idle.push(reader);
        return;
      }
    }
    reader.close();
  }

  /** Closes those that are idle now, and the others when they are given back. */
  @Override
  public synchronized void close() {
    closed = true;
    idle.forEach(TopicReader::close);
    idle.clear();
  }
}
