package dev.areaflow.ingest.ingress;

import dev.areaflow.schemas.rows.HookRow;
import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds the {@link HookTable} from its topic, on a thread and with a consumer of its own. When the
 * consumer fails it is made anew, after a pause, and reads from the beginning again; the table
 * stays in use meanwhile.
 */
final class HookTableReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HookTableReader.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final HookTable table;
  private final Supplier<Consumer<String, byte[]>> consumers;
  private final Deserializer<HookRow> rows;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Consumer<String, byte[]> current;

  /**
   * @param consumers makes a consumer that reads committed records and takes part in no group
   * @param rows reads a value
   */
  HookTableReader(
      HookTable table, Supplier<Consumer<String, byte[]>> consumers, Deserializer<HookRow> rows) {
    this.table = table;
    this.consumers = consumers;
    this.rows = rows;
    this.thread = Thread.ofPlatform().name("hook-table").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (closing.getCount() > 0) {
      try (Consumer<String, byte[]> consumer = consumers.get()) {
        current = consumer;
        read(consumer);
      } catch (WakeupException e) {
        // close() woke the consumer; the loop's condition ends it
      } catch (RuntimeException e) {
        // Kafka's, or a fault of ours: without this thread, new hooks would never be served
        LOG.warn("hooks: the reader failed, is made anew in {}", PAUSE, e);
      }
      current = null;
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

  private void read(Consumer<String, byte[]> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(Topics.HOOKS.name()).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    if (partitions.isEmpty()) {
      throw new IllegalStateException(Topics.HOOKS.name() + " is not there yet");
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (closing.getCount() > 0) {
      if (!table.complete() && reached(consumer, ends)) {
        table.markComplete();
        LOG.info("hooks: complete, {} of them", table.size());
      }
      consumer.poll(POLL).forEach(this::apply);
    }
  }

  private static boolean reached(
      Consumer<String, byte[]> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** A row that cannot be read is left out; the schedules, which read the topic too, report it. */
  private void apply(ConsumerRecord<String, byte[]> record) {
    try {
      table.apply(record.key(), rows.deserialize(record.topic(), record.value()));
    } catch (SerializationException | IllegalArgumentException e) {
      LOG.error(
          "hooks: {}-{}@{} cannot be read: {}",
          record.topic(),
          record.partition(),
          record.offset(),
          e.getMessage());
    }
  }

  @Override
  public void close() {
    closing.countDown();
    @Nullable Consumer<String, byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
    try {
      thread.join(CLOSE_WITHIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
