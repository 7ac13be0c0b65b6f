package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
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
 * Reads the events of single hooks, bit by bit. Those of others in the same partition are passed
 * over by their keys. Belongs to the thread of its consumer.
 */
final class HookScan implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Consumer<byte[], byte[]> consumer;
  private @Nullable TopicPartition current;
  private long position;

  /**
   * @param consumer belongs to no group, reads what is committed, never resets; closed with this
   */
  HookScan(Consumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  /** Offsets of a partition, the end excluded. */
  record Range(long begin, long end) {}

  /**
   * A bit of a partition.
   *
   * @param records of the hook
   * @param next offset where to go on
   */
  record Part(List<ConsumerRecord<byte[], byte[]>> records, long next) {
    Part {
      records = List.copyOf(records);
    }
  }

  /** Where the events of a hook are that arrived from one time on, before another. */
  Range range(String hookId, Instant from, Instant to) {
    TopicPartition partition = partition(hookId);
    List<TopicPartition> one = List.of(partition);
    consumer.assign(one);
    current = null;
    long end = Objects.requireNonNull(consumer.endOffsets(one).get(partition));
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
  Part read(String hookId, long from, long end) {
    TopicPartition partition = partition(hookId);
    List<TopicPartition> one = List.of(partition);
    if (!partition.equals(current) || position != from) {
      consumer.assign(one);
      consumer.seek(partition, from);
      current = partition;
    }
    byte[] key = hookId.getBytes(StandardCharsets.UTF_8);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < end && Arrays.equals(record.key(), key)) {
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

  private TopicPartition partition(String hookId) {
    String topic = Topics.EVENTS.name();
    int count = consumer.partitionsFor(topic).size();
    return new TopicPartition(topic, Topic.partitionOf(hookId, count));
  }

  @Override
  public void close() {
    consumer.close();
  }
}
