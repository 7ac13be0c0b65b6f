package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.topics.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of single keys of a topic, bit by bit. Those of others in the same partition
 * are passed over by their keys. Belongs to the thread of its consumer.
 */
final class KeyScan implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Topic<?> topic;
  private final Consumer<byte[], byte[]> consumer;
  private @Nullable TopicPartition current;
  private long position;

  /**
   * @param consumer belongs to no group, reads what is committed, never resets; closed with this
   */
  KeyScan(Topic<?> topic, Consumer<byte[], byte[]> consumer) {
    this.topic = topic;
    this.consumer = consumer;
  }

  /** Offsets of a partition, the end excluded. */
  record Range(long begin, long end) {}

  /**
   * A bit of a partition.
   *
   * @param records of the key
   * @param next offset where to go on
   */
  record Part(List<ConsumerRecord<byte[], byte[]>> records, long next) {
    Part {
      records = List.copyOf(records);
    }
  }

  /** Where the records of a key end by now. */
  long end(String key) {
    TopicPartition partition = partition(key);
    return Objects.requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
  }

  /** Where the records of a key are that arrived from one time on, before another. */
  Range range(String key, Instant from, Instant to) {
    TopicPartition partition = partition(key);
    consumer.assign(List.of(partition));
    current = null;
    long end = end(key);
    long begin = offset(partition, from, end);
    return new Range(begin, Math.max(begin, offset(partition, to, end)));
  }

  private long offset(TopicPartition partition, Instant time, long otherwise) {
    @Nullable OffsetAndTimestamp found =
        consumer.offsetsForTimes(Map.of(partition, time.toEpochMilli())).get(partition);
    return found == null ? otherwise : Math.min(found.offset(), otherwise);
  }

  /**
   * Reads on, as far as one look goes; what is not kept any more is passed over.
   *
   * @param from offset where to go on
   * @param end offset before which to stop
   */
  Part read(String key, long from, long end) {
    TopicPartition partition = partition(key);
    List<TopicPartition> one = List.of(partition);
    if (!partition.equals(current) || position != from) {
      consumer.assign(one);
      consumer.seek(partition, from);
      current = partition;
    }
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < end && Arrays.equals(record.key(), bytes)) {
          records.add(record);
        }
      }
    } catch (OffsetOutOfRangeException e) {
      long first = Objects.requireNonNull(consumer.beginningOffsets(one).get(partition));
      current = null;
      return new Part(List.of(), Math.min(Math.max(first, from), end));
    }
    position = consumer.position(partition);
    return new Part(records, Math.min(position, end));
  }

  private TopicPartition partition(String key) {
    int count = consumer.partitionsFor(topic.name()).size();
    return new TopicPartition(topic.name(), Topic.partitionOf(key, count));
  }

  @Override
  public void close() {
    consumer.close();
  }
}
