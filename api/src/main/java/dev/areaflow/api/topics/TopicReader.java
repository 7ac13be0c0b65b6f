package dev.areaflow.api.topics;

import dev.areaflow.schemas.topics.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;

/**
 * Looks into topics, by offset, backwards and from a time on, each within bounds. Nothing is
 * consumed. Belongs to one thread at a time, as its consumer does.
 */
public final class TopicReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration ONE_RECORD = Duration.ofSeconds(2);
  private static final int FIRST_CHUNK = 128;
  private static final int LARGEST_CHUNK = 4_096;

  private final Consumer<String, byte[]> consumer;

  public TopicReader(Consumer<String, byte[]> consumer) {
    this.consumer = consumer;
  }

  /** The partition of a key, as producers choose it. */
  public TopicPartition partition(Topic<?> topic, String key) {
    int count = consumer.partitionsFor(topic.name()).size();
    int hash = Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8)));
    return new TopicPartition(topic.name(), hash % count);
  }

  /** One record, empty where it is not there any more. */
  public Optional<ConsumerRecord<String, byte[]>> at(TopicPartition partition, long offset) {
    consumer.assign(List.of(partition));
    if (offset >= consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L)) {
      return Optional.empty();
    }
    consumer.seek(partition, offset);
    long deadline = System.nanoTime() + ONE_RECORD.toNanos();
    try {
      while (System.nanoTime() < deadline) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          return Optional.of(record).filter(found -> found.offset() == offset);
        }
        if (consumer.position(partition) > offset) {
          return Optional.empty();
        }
      }
    } catch (OffsetOutOfRangeException e) {
      return Optional.empty();
    }
    throw new SlowTopicException(partition + "@" + offset + " was not read within " + ONE_RECORD);
  }

  /**
   * What a backward scan found.
   *
   * @param records newest first
   * @param next where to go on, exclusive; empty where the beginning was reached
   */
  public record Back(List<ConsumerRecord<String, byte[]>> records, OptionalLong next) {
    public Back {
      records = List.copyOf(records);
    }
  }

  /**
   * Reads a partition backwards, in chunks that grow, or shrink where one is not read in time.
   *
   * @param before where to begin, exclusive; empty for the end
   * @param most how many records are wanted
   * @throws SlowTopicException where the time ended before anything was read
   */
  public Back backwards(
      TopicPartition partition,
      OptionalLong before,
      Predicate<ConsumerRecord<String, byte[]>> wanted,
      int most,
      Bounds bounds) {
    consumer.assign(List.of(partition));
    long first = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
    long last = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    long newest = Math.min(before.orElse(last), last);
    long end = newest;
    long lowest = Math.max(first, end - bounds.records());
    long deadline = System.nanoTime() + bounds.time().toNanos();
    List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
    int chunk = FIRST_CHUNK;
    int largest = LARGEST_CHUNK;
    while (end > lowest && System.nanoTime() < deadline) {
      long start = Math.max(lowest, end - chunk);
      Optional<List<ConsumerRecord<String, byte[]>>> read =
          range(partition, start, end, wanted, attemptUntil(deadline, chunk));
      if (read.isEmpty()) {
        chunk = Math.max(1, chunk / 2);
        largest = chunk;
        continue;
      }
      List<ConsumerRecord<String, byte[]>> newestFirst = new ArrayList<>(read.get());
      Collections.reverse(newestFirst);
      for (ConsumerRecord<String, byte[]> record : newestFirst) {
        found.add(record);
        if (found.size() == most) {
          return new Back(found, goOn(record.offset(), first));
        }
      }
      end = start;
      chunk = Math.min(2 * chunk, largest);
    }
    if (end == newest && end > lowest) {
      throw new SlowTopicException(
          partition + " before " + newest + " was not read within " + bounds.time());
    }
    return new Back(found, goOn(end, first));
  }

  /** Leaves the same time for each smaller chunk, down to one record. */
  private static long attemptUntil(long deadline, int chunk) {
    int attempts = Integer.SIZE - Integer.numberOfLeadingZeros(chunk);
    long now = System.nanoTime();
    return now + (deadline - now) / attempts;
  }

  private static OptionalLong goOn(long end, long first) {
    return end > first ? OptionalLong.of(end) : OptionalLong.empty();
  }

  /** Wanted records of a range; empty where there was no time to read all of it. */
  private Optional<List<ConsumerRecord<String, byte[]>>> range(
      TopicPartition partition,
      long start,
      long end,
      Predicate<ConsumerRecord<String, byte[]>> wanted,
      long deadline) {
    List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
    consumer.seek(partition, start);
    try {
      while (consumer.position(partition) < end) {
        if (System.nanoTime() > deadline) {
          return Optional.empty();
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          if (record.offset() < end && wanted.test(record)) {
            found.add(record);
          }
        }
      }
    } catch (OffsetOutOfRangeException e) {
      // The broker dropped the range meanwhile: it holds nothing any more.
      return Optional.of(List.of());
    }
    return Optional.of(found);
  }

  /**
   * Reads the partitions of some keys from a time to their ends as they are now, or as far as the
   * bounds let it.
   *
   * @param from by record time
   * @param read what is wanted of a record of one of the keys
   */
  public <T> List<T> since(
      Topic<?> topic,
      Collection<String> keys,
      Instant from,
      Function<ConsumerRecord<String, byte[]>, Optional<T>> read,
      Bounds bounds) {
    Set<TopicPartition> partitions = new HashSet<>();
    keys.forEach(key -> partitions.add(partition(topic, key)));
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, from.toEpochMilli()));
    Map<TopicPartition, Long> starts = new HashMap<>();
    for (Map.Entry<TopicPartition, OffsetAndTimestamp> start :
        consumer.offsetsForTimes(times).entrySet()) {
      if (start.getValue() != null) {
        starts.put(start.getKey(), start.getValue().offset());
      }
    }
    consumer.assign(starts.keySet());
    starts.forEach(consumer::seek);
    Map<TopicPartition, Long> ends = consumer.endOffsets(starts.keySet());
    long deadline = System.nanoTime() + bounds.time().toNanos();
    List<T> found = new ArrayList<>();
    int seen = 0;
    while (seen < bounds.records()
        && System.nanoTime() < deadline
        && ends.entrySet().stream()
            .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        seen++;
        if (keys.contains(record.key())) {
          read.apply(record).ifPresent(found::add);
        }
      }
    }
    return found;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
