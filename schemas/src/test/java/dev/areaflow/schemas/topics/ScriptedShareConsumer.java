package dev.areaflow.schemas.topics;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockShareConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * A share consumer that hands out given batches, keeps count of acknowledgements as the real one
 * does, and refuses a poll while a record of the batch before is not acknowledged.
 */
public final class ScriptedShareConsumer extends MockShareConsumer<byte[], byte[]> {
  private final BlockingQueue<List<ConsumerRecord<byte[], byte[]>>> batches =
      new LinkedBlockingQueue<>();
  private final Set<Long> open = new HashSet<>();
  private final List<Long> local = new CopyOnWriteArrayList<>();

  /** Offsets whose acceptance the broker knows. */
  public final List<Long> accepted = new CopyOnWriteArrayList<>();

  private @Nullable RuntimeException failure;
  private volatile boolean woken;
  private boolean closed;

  public synchronized ScriptedShareConsumer batch(List<ConsumerRecord<byte[], byte[]>> records) {
    batches.add(records);
    return this;
  }

  public synchronized ScriptedShareConsumer failingWith(RuntimeException thrown) {
    failure = thrown;
    return this;
  }

  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized") // a wakeup must reach a waiting poll
  public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    beforePoll();
    List<ConsumerRecord<byte[], byte[]>> batch;
    try {
      batch = batches.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
    if (woken) {
      throw new WakeupException();
    }
    return batch == null ? ConsumerRecords.empty() : take(batch);
  }

  private synchronized void beforePoll() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("not acknowledged: " + open);
    }
    commit();
    if (failure != null) {
      throw failure;
    }
  }

  private synchronized ConsumerRecords<byte[], byte[]> take(
      List<ConsumerRecord<byte[], byte[]>> batch) {
    batch.forEach(taken -> open.add(taken.offset()));
    return new ConsumerRecords<>(
        Map.of(new TopicPartition(batch.getFirst().topic(), 0), batch), Map.of());
  }

  @Override
  public synchronized void acknowledge(ConsumerRecord<byte[], byte[]> taken, AcknowledgeType type) {
    if (type == AcknowledgeType.RELEASE || !open.remove(taken.offset())) {
      throw new IllegalStateException(type + " of " + taken.offset());
    }
    if (type == AcknowledgeType.ACCEPT) {
      local.add(taken.offset());
    }
  }

  @Override
  public synchronized void commitAsync() {
    commit();
  }

  @Override
  public synchronized void wakeup() {
    woken = true;
    batches.add(List.of());
  }

  @Override
  public synchronized void close(Duration timeout) {
    commit();
    closed = true;
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  private void commit() {
    accepted.addAll(local);
    local.clear();
  }
}
