package dev.areaflow.ingest.requests;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** Records in memory, at places, and consumers that read them one at a time. */
final class KeptLog {
  private static final int PARTITIONS = 2;

  private final Map<TopicPartition, List<@Nullable ConsumerRecord<byte[], byte[]>>> logs =
      new ConcurrentHashMap<>();
  private final Map<TopicPartition, Long> beginnings = new ConcurrentHashMap<>();

  /** Appends a record; gives its offset. */
  long append(String topic, int partition, byte[] key, byte @Nullable [] value, Headers headers) {
    return append(topic, partition, key, value, headers, Instant.EPOCH);
  }

  /** Appends a record of a time; gives its offset. */
  long append(
      String topic,
      int partition,
      byte[] key,
      byte @Nullable [] value,
      Headers headers,
      Instant at) {
    List<@Nullable ConsumerRecord<byte[], byte[]>> log = log(new TopicPartition(topic, partition));
    log.add(
        new ConsumerRecord<>(
            topic,
            partition,
            log.size(),
            at.toEpochMilli(),
            TimestampType.LOG_APPEND_TIME,
            key.length,
            value == null ? -1 : value.length,
            key,
            value,
            headers,
            Optional.empty()));
    return log.size() - 1L;
  }

  /** Takes an offset that no reader sees, as markers of transactions do. */
  long marker(String topic, int partition) {
    List<@Nullable ConsumerRecord<byte[], byte[]>> log = log(new TopicPartition(topic, partition));
    log.add(null);
    return log.size() - 1L;
  }

  /** Drops what is before an offset, as retention does. */
  void drop(String topic, int partition, long before) {
    beginnings.put(new TopicPartition(topic, partition), before);
  }

  private List<@Nullable ConsumerRecord<byte[], byte[]>> log(TopicPartition partition) {
    return logs.computeIfAbsent(partition, _ -> new ArrayList<>());
  }

  Consumer<byte[], byte[]> consumer() {
    return new Reader();
  }

  private final class Reader extends MockConsumer<byte[], byte[]> {
    private @Nullable TopicPartition place;
    private long position;

    Reader() {
      super("none");
    }

    @Override
    public synchronized void assign(Collection<TopicPartition> partitions) {
      place = partitions.iterator().next();
    }

    @Override
    public synchronized void seek(TopicPartition partition, long offset) {
      position = offset;
    }

    @Override
    public synchronized long position(TopicPartition partition) {
      return position;
    }

    @Override
    public synchronized List<PartitionInfo> partitionsFor(String topic) {
      Node node = new Node(0, "h", 1);
      List<PartitionInfo> infos = new ArrayList<>();
      for (int i = 0; i < PARTITIONS; i++) {
        infos.add(new PartitionInfo(topic, i, node, new Node[] {node}, new Node[] {node}));
      }
      return infos;
    }

    @Override
    public synchronized Map<TopicPartition, Long> beginningOffsets(
        Collection<TopicPartition> partitions) {
      Map<TopicPartition, Long> offsets = new HashMap<>();
      partitions.forEach(of -> offsets.put(of, beginnings.getOrDefault(of, 0L)));
      return offsets;
    }

    @Override
    public synchronized Map<TopicPartition, Long> endOffsets(
        Collection<TopicPartition> partitions) {
      Map<TopicPartition, Long> offsets = new HashMap<>();
      partitions.forEach(of -> offsets.put(of, (long) log(of).size()));
      return offsets;
    }

    @Override
    public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
        Map<TopicPartition, Long> times) {
      Map<TopicPartition, @Nullable OffsetAndTimestamp> offsets = new HashMap<>();
      times.forEach(
          (of, time) ->
              offsets.put(
                  of,
                  log(of).stream()
                      .filter(Objects::nonNull)
                      .filter(record -> record.offset() >= beginnings.getOrDefault(of, 0L))
                      .filter(record -> record.timestamp() >= time)
                      .findFirst()
                      .map(record -> new OffsetAndTimestamp(record.offset(), record.timestamp()))
                      .orElse(null)));
      return offsets;
    }

    @Override
    public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      TopicPartition from = place;
      if (from == null || position >= log(from).size()) {
        return ConsumerRecords.empty();
      }
      if (position < beginnings.getOrDefault(from, 0L)) {
        throw new OffsetOutOfRangeException(Map.of(from, position));
      }
      ConsumerRecord<byte[], byte[]> record = log(from).get((int) position++);
      return record == null
          ? ConsumerRecords.empty()
          : new ConsumerRecords<>(Map.of(from, List.of(record)), Map.of());
    }
  }
}
