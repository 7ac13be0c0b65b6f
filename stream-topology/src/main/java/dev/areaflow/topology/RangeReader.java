package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.BacktestEndedException;
import dev.areaflow.schemas.topics.RegistryUnavailableException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the events of an AREA's hooks over a range, in their order. For one thread. */
final class RangeReader {
  private static final Duration CALL = Duration.ofSeconds(10);
  private static final int FETCH_BYTES = 8 * 1024 * 1024;

  private final Deserializer<Event> events;
  private final EventScan scan;
  private final int partitions;

  /** Gets what is read. */
  interface Sink {
    /** An event of one of the AREA's hooks. */
    void event(Event event, int partition, long offset, Instant at);

    /** An event that cannot be read. */
    void unreadable(Instant at, String detail);
  }

  /**
   * @param consumer as of {@link #consumer}; stays the caller's, as does what reads events
   */
  RangeReader(Consumer<String, ByteBuffer> consumer, Deserializer<Event> events, Backtest asked) {
    this.events = events;
    this.scan =
        new EventScan(consumer, SimulatedTask.hooks(asked.area()), asked.begin(), asked.to());
    this.partitions = EventScan.partitions(consumer);
  }

  /** A consumer that only reads, and belongs to no group. */
  static Consumer<String, ByteBuffer> consumer(String bootstrapServers) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) CALL.toMillis());
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) CALL.toMillis());
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteBufferDeserializer());
  }

  /** How many partitions the events have. */
  int partitions() {
    return partitions;
  }

  /** How many records there are to look at. */
  long size() {
    return scan.size();
  }

  /** How many of them have been looked at. */
  long scanned() {
    return scan.scanned();
  }

  /**
   * Reads on a little; false where all has been read.
   *
   * @throws BacktestEndedException if events are removed while they are read
   * @throws InterruptedException if the thread is interrupted
   */
  boolean next(Sink sink) throws InterruptedException {
    Optional<List<ConsumerRecord<String, ByteBuffer>>> next;
    try {
      next = scan.next();
    } catch (OffsetOutOfRangeException e) {
      throw new BacktestEndedException(
          "events of the range were removed while they were read, since they became too old; choose"
              + " a later \"from\"");
    }
    checkInterrupt();
    for (ConsumerRecord<String, ByteBuffer> record : next.orElse(List.of())) {
      read(record, sink);
      checkInterrupt();
    }
    return next.isPresent();
  }

  private static void checkInterrupt() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("the reading was cancelled");
    }
  }

  private void read(ConsumerRecord<String, ByteBuffer> record, Sink sink) {
    Instant at = Instant.ofEpochMilli(record.timestamp());
    Event event;
    try {
      byte[] bytes = new byte[record.value().remaining()];
      record.value().duplicate().get(bytes);
      event = events.deserialize(record.topic(), record.headers(), bytes);
    } catch (RuntimeException e) {
      // serdes throw whatever their libraries do; only an outage says nothing about the record
      if (RegistryUnavailableException.isCauseOf(e)) {
        throw e;
      }
      sink.unreadable(at, "it cannot be read: " + e.getMessage());
      return;
    }
    sink.event(event, record.partition(), record.offset(), at);
  }
}
