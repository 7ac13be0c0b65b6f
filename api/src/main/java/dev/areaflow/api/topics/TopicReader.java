package dev.areaflow.api.topics;

import dev.areaflow.schemas.topics.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
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

/**
 * Looks into topics, by offset, backwards and from a time on, each within bounds. Nothing is
 * consumed. Belongs to one thread at a time, as its consumer does.
 */
public final class TopicReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration ONE_RECORD = Duration.ofSeconds(2);
  private static final int FIRST_CHUNK = 128;
  private static final int LARGEST_CHUNK = 4_096;
  private static final long MOST_FOUND_BYTES = 8 * 1024 * 1024;

  private final Consumer<String, byte[]> consumer;

  public TopicReader(Consumer<String, byte[]> consumer) {
    this.consumer = consumer;
  }

  /** The partition of a key, as producers choose it. */
  public TopicPartition partition(Topic<?> topic, String key) {
    int count = consumer.partitionsFor(topic.name()).size();
    return new TopicPartition(topic.name(), Topic.partitionOf(key, count));
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

  /** The offset of the first record that is not from before a time; the end where there is none. */
  public long first(TopicPartition partition, Instant time) {
    OffsetAndTimestamp found =
        consumer.offsetsForTimes(Map.of(partition, time.toEpochMilli())).get(partition);
    return found == null
        ? consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L)
        : found.offset();
  }

  /** As the other, down to the beginning. */
  public Back backwards(
      TopicPartition partition,
      OptionalLong before,
      Predicate<ConsumerRecord<String, byte[]>> wanted,
      int most,
      Bounds bounds) {
    return backwards(partition, 0, before, wanted, most, bounds);
  }

  /**
   * Reads a partition backwards, in chunks that grow, or shrink where one is not read within its
   * part of the time and the bytes.
   *
   * @param oldest where to end, inclusive
   * @param before where to begin, exclusive; empty for the end
   * @param most how many records are wanted; there are fewer where they are large
   * @throws SlowTopicException where the time ended before anything was read
   */
  public Back backwards(
      TopicPartition partition,
      long oldest,
      OptionalLong before,
      Predicate<ConsumerRecord<String, byte[]>> wanted,
      int most,
      Bounds bounds) {
    consumer.assign(List.of(partition));
    long first =
        Math.max(oldest, consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L));
    long last = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    long newest = Math.min(before.orElse(last), last);
    long end = newest;
    long lowest = Math.max(first, end - bounds.records());
    Left left = new Left(bounds);
    List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
    long foundBytes = 0;
    int chunk = FIRST_CHUNK;
    int largest = LARGEST_CHUNK;
    // Bytes alone never end a look that has read nothing yet: it would not get on.
    while (end > lowest && left.time() && (left.bytes > 0 || end == newest)) {
      long start = Math.max(lowest, end - chunk);
      Optional<List<ConsumerRecord<String, byte[]>>> read =
          range(partition, start, end, wanted, left.part((int) (end - start)));
      if (read.isEmpty()) {
        chunk = Math.max(1, chunk / 2);
        largest = chunk;
        continue;
      }
      for (ConsumerRecord<String, byte[]> record : read.get().reversed()) {
        foundBytes += bytes(record);
        if (!found.isEmpty() && foundBytes > MOST_FOUND_BYTES) {
          return new Back(found, goOn(found.getLast().offset(), first));
        }
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

  /** What is left of the bounds of a look. */
  private static final class Left {
    private final long deadline;
    private long bytes;

    Left(Bounds bounds) {
      this.deadline = System.nanoTime() + bounds.time().toNanos();
      this.bytes = bounds.bytes();
    }

    boolean time() {
      return System.nanoTime() < deadline;
    }

    /** Leaves the same time and bytes for each smaller chunk, down to one record. */
    Part part(int chunk) {
      int attempts = Integer.SIZE - Integer.numberOfLeadingZeros(chunk);
      long now = System.nanoTime();
      return new Part(
          this,
          now + (deadline - now) / attempts,
          chunk == 1 ? Long.MAX_VALUE : Math.max(0, bytes) / attempts);
    }
  }

  /** What one chunk may take of what is left. */
  private static final class Part {
    private final Left whole;
    private final long deadline;
    private long bytes;

    Part(Left whole, long deadline, long bytes) {
      this.whole = whole;
      this.deadline = deadline;
      this.bytes = bytes;
    }

    void take(ConsumerRecord<String, byte[]> record) {
      whole.bytes -= bytes(record);
      bytes -= bytes(record);
    }

    boolean isUsedUp() {
      return bytes < 0 || System.nanoTime() > deadline;
    }
  }

  private static long bytes(ConsumerRecord<String, byte[]> record) {
    return (long) Math.max(0, record.serializedKeySize())
        + Math.max(0, record.serializedValueSize());
  }

  private static OptionalLong goOn(long end, long first) {
    return end > first ? OptionalLong.of(end) : OptionalLong.empty();
  }

  /** Wanted records of a range; empty where its part did not suffice to read all of it. */
  private Optional<List<ConsumerRecord<String, byte[]>>> range(
      TopicPartition partition,
      long start,
      long end,
      Predicate<ConsumerRecord<String, byte[]>> wanted,
      Part part) {
    List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
    consumer.seek(partition, start);
    try {
      while (consumer.position(partition) < end) {
        if (part.isUsedUp()) {
          return Optional.empty();
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          if (record.offset() < end) {
            part.take(record);
            if (wanted.test(record)) {
              found.add(record);
            }
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
   * What a reading from a time on found.
   *
   * @param complete whether all was read up to where the partitions ended when it began
   */
  public record Since<T>(List<T> found, boolean complete) {
    public Since {
      found = List.copyOf(found);
    }
  }

  /**
   * Reads the partitions of some keys from a time to their ends as they are now, or as far as the
   * bounds let it.
   *
   * @param from by record time
   * @param read what is wanted of a record of one of the keys
   */
  public <T> Since<T> since(
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
    Left left = new Left(bounds);
    List<T> found = new ArrayList<>();
    int seen = 0;
    while (!areRead(ends)) {
      if (seen >= bounds.records() || left.bytes <= 0 || !left.time()) {
        return new Since<>(found, false);
      }
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        seen++;
        left.bytes -= bytes(record);
        if (keys.contains(record.key())) {
          read.apply(record).ifPresent(found::add);
        }
      }
    }
    return new Since<>(found, true);
  }

  private boolean areRead(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  @Override
  public void close() {
    consumer.close();
  }
}
