package dev.areaflow.api.topics;

import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.TopicSerdes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/** Topics in memory that keep what is written, and consumers that read them as Kafka's do. */
public final class KeptTopics {
  private static final int PARTITIONS = 4;
  private static final int MOST_A_POLL = 100;
  private static final int MOST_BYTES_A_POLL = 1024 * 1024;

  private final TopicSerdes serdes;
  private final Map<TopicPartition, List<ConsumerRecord<String, byte[]>>> logs =
      new ConcurrentHashMap<>();
  private final Map<TopicPartition, Long> beginnings = new ConcurrentHashMap<>();
  private final Map<String, Integer> hidden = new ConcurrentHashMap<>();
  private volatile int reach = Integer.MAX_VALUE;
  private final AtomicReference<@Nullable KafkaException> outage = new AtomicReference<>();

  public KeptTopics(TopicSerdes serdes) {
    this.serdes = serdes;
  }

  /** Appends a value to the partition of its key; gives its place. */
  public <V> ConsumerRecord<String, byte[]> append(
      Topic<V> topic, String key, V value, Headers headers, Instant at) {
    try (Serde<V> serde = serdes.values(topic)) {
      return append(topic, key, serde.serializer().serialize(topic.name(), value), headers, at);
    }
  }

  /** Appends bytes that need not be readable. */
  public ConsumerRecord<String, byte[]> append(
      Topic<?> topic, String key, byte @Nullable [] value, Headers headers, Instant at) {
    TopicPartition partition;
    try (TopicReader reader = new TopicReader(consumer())) {
      partition = reader.partition(topic, key);
    }
    List<ConsumerRecord<String, byte[]>> log = log(partition);
    ConsumerRecord<String, byte[]> record =
        new ConsumerRecord<>(
            partition.topic(),
            partition.partition(),
            log.size(),
            at.toEpochMilli(),
            TimestampType.LOG_APPEND_TIME,
            key.length(),
            value == null ? -1 : value.length,
            key,
            value,
            headers,
            Optional.empty());
    log.add(record);
    return record;
  }

  /** Appends a value without headers, now. */
  public <V> ConsumerRecord<String, byte[]> append(Topic<V> topic, String key, V value) {
    return append(topic, key, value, new RecordHeaders(), Instant.now());
  }

  /** Drops what is before an offset, as retention does. */
  public void drop(Topic<?> topic, int partition, long before) {
    beginnings.put(new TopicPartition(topic.name(), partition), before);
  }

  /** Makes every poll fail until {@code null} is given. */
  public void fail(@Nullable KafkaException failure) {
    outage.set(failure);
  }

  /** Lets polls find only what is among the newest records of a partition. */
  public void reach(int records) {
    reach = records;
  }

  /** Lets polls find none of the newest records of each partition of a topic. */
  public void hide(Topic<?> topic, int records) {
    hidden.put(topic.name(), records);
  }

  private int visible(TopicPartition partition) {
    return Math.max(0, log(partition).size() - hidden.getOrDefault(partition.topic(), 0));
  }

  private List<ConsumerRecord<String, byte[]>> log(TopicPartition partition) {
    return logs.computeIfAbsent(partition, _ -> new CopyOnWriteArrayList<>());
  }

  private long beginning(TopicPartition partition) {
    return beginnings.getOrDefault(partition, 0L);
  }

  /** A consumer of all that is kept. */
  public Consumer<String, byte[]> consumer() {
    return new LogConsumer();
  }

  private final class LogConsumer extends MockConsumer<String, byte[]> {
    private final Map<TopicPartition, Long> positions = new LinkedHashMap<>();
    private volatile boolean woken;

    LogConsumer() {
      super("none");
    }

    @Override
    public synchronized void assign(Collection<TopicPartition> partitions) {
      positions.keySet().retainAll(partitions);
      partitions.forEach(partition -> positions.putIfAbsent(partition, 0L));
    }

    @Override
    public synchronized void seek(TopicPartition partition, long offset) {
      if (offset < 0) {
        throw new IllegalArgumentException("seek offset must not be a negative number");
      }
      positions.put(partition, offset);
    }

    @Override
    public synchronized void seek(TopicPartition partition, OffsetAndMetadata offset) {
      seek(partition, offset.offset());
    }

    @Override
    public synchronized long position(TopicPartition partition) {
      return positions.getOrDefault(partition, 0L);
    }

    @Override
    public synchronized void wakeup() {
      woken = true;
    }

    @Override
    public synchronized ConsumerRecords<String, byte[]> poll(Duration timeout) {
      if (woken) {
        woken = false;
        throw new WakeupException();
      }
      KafkaException failure = outage.get();
      if (failure != null) {
        throw failure;
      }
      Map<TopicPartition, List<ConsumerRecord<String, byte[]>>> found = new HashMap<>();
      Map<TopicPartition, Long> outOfRange = new HashMap<>();
      positions.forEach(
          (partition, position) -> {
            List<ConsumerRecord<String, byte[]>> log = log(partition);
            if (position < beginning(partition) || position > log.size()) {
              outOfRange.put(partition, position);
            } else if (position < visible(partition) && log.size() - position <= reach) {
              int end = (int) Math.min(position + MOST_A_POLL, visible(partition));
              found.put(partition, fetched(log.subList(position.intValue(), end)));
            }
          });
      if (!outOfRange.isEmpty()) {
        throw new OffsetOutOfRangeException(outOfRange);
      }
      found.forEach(
          (partition, records) -> positions.merge(partition, (long) records.size(), Long::sum));
      return new ConsumerRecords<>(found, Map.of());
    }

    private static List<ConsumerRecord<String, byte[]>> fetched(
        List<ConsumerRecord<String, byte[]>> records) {
      List<ConsumerRecord<String, byte[]>> fetched = new ArrayList<>();
      int bytes = 0;
      for (ConsumerRecord<String, byte[]> record : records) {
        bytes += Math.max(0, record.serializedValueSize());
        if (!fetched.isEmpty() && bytes > MOST_BYTES_A_POLL) {
          break;
        }
        fetched.add(record);
      }
      return fetched;
    }

    @Override
    public synchronized List<PartitionInfo> partitionsFor(String topic) {
      List<PartitionInfo> infos = new ArrayList<>();
      for (int i = 0; i < PARTITIONS; i++) {
        infos.add(new PartitionInfo(topic, i, Node.noNode(), new Node[0], new Node[0]));
      }
      return infos;
    }

    @Override
    public synchronized Map<TopicPartition, Long> beginningOffsets(
        Collection<TopicPartition> partitions) {
      Map<TopicPartition, Long> offsets = new HashMap<>();
      partitions.forEach(partition -> offsets.put(partition, beginning(partition)));
      return offsets;
    }

    @Override
    public synchronized Map<TopicPartition, Long> endOffsets(
        Collection<TopicPartition> partitions) {
      Map<TopicPartition, Long> offsets = new HashMap<>();
      partitions.forEach(partition -> offsets.put(partition, (long) log(partition).size()));
      return offsets;
    }

    @Override
    public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
        Map<TopicPartition, Long> times) {
      Map<TopicPartition, @Nullable OffsetAndTimestamp> found = new HashMap<>();
      times.forEach(
          (partition, time) ->
              found.put(
                  partition,
                  log(partition).stream()
                      .filter(record -> record.offset() >= beginning(partition))
                      .filter(record -> record.timestamp() >= time)
                      .findFirst()
                      .map(r -> new OffsetAndTimestamp(r.offset(), r.timestamp()))
                      .orElse(null)));
      return found;
    }
  }
}
