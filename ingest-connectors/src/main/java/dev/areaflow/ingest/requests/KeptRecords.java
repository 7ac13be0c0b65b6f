package dev.areaflow.ingest.requests;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Reads single records that Kafka keeps. Belongs to the thread of its consumer. */
final class KeptRecords implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Consumer<byte[], byte[]> consumer;

  /**
   * @param consumer belongs to no group, reads what is committed, never resets; closed with this
   */
  KeptRecords(Consumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  /**
   * The record at a place; empty where it is not kept any more.
   *
   * @throws TimeoutException if Kafka does not give it in time
   */
  Optional<ConsumerRecord<byte[], byte[]>> at(String topic, int partition, long offset) {
    if (partition >= consumer.partitionsFor(topic).size()) {
      return Optional.empty();
    }
    TopicPartition place = new TopicPartition(topic, partition);
    List<TopicPartition> places = List.of(place);
    consumer.assign(places);
    long end = Objects.requireNonNull(consumer.endOffsets(places).get(place));
    long first = Objects.requireNonNull(consumer.beginningOffsets(places).get(place));
    if (offset < first || offset >= end) {
      return Optional.empty();
    }
    consumer.seek(place, offset);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          return Optional.of(record).filter(found -> found.offset() == offset);
        }
        if (consumer.position(place) > offset) {
          return Optional.empty();
        }
      }
    } catch (OffsetOutOfRangeException e) {
      return Optional.empty();
    }
    throw new TimeoutException(place + "@" + offset + " was not read within " + PATIENCE);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
