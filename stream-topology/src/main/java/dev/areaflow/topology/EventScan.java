package dev.areaflow.topology;

import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/**
 * The events of some hooks over a range of time, in the order of arrival time, partition and
 * offset, without replays. Records of other hooks are passed over by their keys. For one thread.
 */
final class EventScan {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Comparator<ConsumerRecord<String, ByteBuffer>> IN_ORDER =
      Comparator.<ConsumerRecord<String, ByteBuffer>>comparingLong(ConsumerRecord::timestamp)
          .thenComparingInt(ConsumerRecord::partition)
          .thenComparingLong(ConsumerRecord::offset);

  /** What waits of one partition for others to come as far. */
  private static final long MOST_BUFFERED_BYTES = 16L * 1024 * 1024;

  private final Consumer<String, ByteBuffer> consumer;
  private final Set<String> hooks;
  private final Map<TopicPartition, Part> parts = new HashMap<>();
  private long scanned;

  /** What is known of one partition. */
  private static final class Part {
    private final long start;
    private final long end;
    private final Deque<ConsumerRecord<String, ByteBuffer>> waiting = new ArrayDeque<>();
    private long bytes;
    private long reachedMillis = Long.MIN_VALUE;
    private boolean isRead;

    Part(long start, long end) {
      this.start = start;
      this.end = end;
      this.isRead = start >= end;
    }

    /** Before which time all that there is has come. */
    long completeUntil() {
      return isRead ? Long.MAX_VALUE : reachedMillis;
    }
  }

  /**
   * Begins a scan.
   *
   * @param consumer sees what is committed; of no group; the caller closes it
   * @param from arrival time, inclusive
   * @param to arrival time, exclusive
   */
  EventScan(
      Consumer<String, ByteBuffer> consumer, Collection<String> hooks, Instant from, Instant to) {
    this.consumer = consumer;
    this.hooks = Set.copyOf(hooks);
    int count = partitions(consumer);
    Set<TopicPartition> partitions =
        hooks.stream()
            .map(
                hook ->
                    new TopicPartition(
                        Topics.EVENTS.name(), AreaflowTopology.partitionOf(hook, count)))
            .collect(Collectors.toSet());
    consumer.assign(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    Map<TopicPartition, Long> starts = offsets(partitions, from, ends);
    Map<TopicPartition, Long> stops = offsets(partitions, to, ends);
    for (TopicPartition partition : partitions) {
      Part part = new Part(of(starts, partition), of(stops, partition));
      parts.put(partition, part);
      consumer.seek(partition, part.start);
    }
    pause();
  }

  /** How many partitions the events have. */
  static int partitions(Consumer<?, ?> consumer) {
    return consumer.partitionsFor(Topics.EVENTS.name()).size();
  }

  private static long of(Map<TopicPartition, Long> offsets, TopicPartition partition) {
    return offsets.getOrDefault(partition, 0L);
  }

  /** The first offsets that are not from before a time. */
  private Map<TopicPartition, Long> offsets(
      Set<TopicPartition> partitions, Instant time, Map<TopicPartition, Long> ends) {
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, time.toEpochMilli()));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp at = found.get(partition);
      long end = of(ends, partition);
      offsets.put(partition, at == null ? end : Math.min(end, at.offset()));
    }
    return offsets;
  }

  /** How many records there are to look at. */
  long size() {
    return parts.values().stream().mapToLong(part -> Math.max(0, part.end - part.start)).sum();
  }

  /** How many of them have been looked at. */
  long scanned() {
    return scanned;
  }

  /** The next events, in their order; empty where all have been given. */
  Optional<List<ConsumerRecord<String, ByteBuffer>>> next() {
    if (parts.values().stream().allMatch(part -> part.isRead && part.waiting.isEmpty())) {
      return Optional.empty();
    }
    for (ConsumerRecord<String, ByteBuffer> record : consumer.poll(POLL)) {
      take(record);
    }
    for (Map.Entry<TopicPartition, Part> part : parts.entrySet()) {
      if (!part.getValue().isRead) {
        part.getValue().isRead = consumer.position(part.getKey()) >= part.getValue().end;
      }
    }
    List<ConsumerRecord<String, ByteBuffer>> ready = ready();
    pause();
    return Optional.of(ready);
  }

  private void take(ConsumerRecord<String, ByteBuffer> record) {
    Part part = parts.get(new TopicPartition(record.topic(), record.partition()));
    if (part == null || record.offset() >= part.end) {
      return;
    }
    scanned++;
    part.reachedMillis = Math.max(part.reachedMillis, record.timestamp());
    if (hooks.contains(record.key())
        && record.headers().lastHeader(CloudEvents.GENERATION_HEADER) == null) {
      part.waiting.add(record);
      part.bytes += record.serializedValueSize();
    }
  }

  /** What no other partition can have anything before. */
  private List<ConsumerRecord<String, ByteBuffer>> ready() {
    long until = parts.values().stream().mapToLong(Part::completeUntil).min().orElseThrow();
    List<ConsumerRecord<String, ByteBuffer>> ready = new ArrayList<>();
    for (Part part : parts.values()) {
      while (!part.waiting.isEmpty()
          && (parts.size() == 1 || part.waiting.peek().timestamp() < until)) {
        ConsumerRecord<String, ByteBuffer> record = part.waiting.remove();
        part.bytes -= record.serializedValueSize();
        ready.add(record);
      }
    }
    if (parts.size() > 1) {
      ready.sort(IN_ORDER);
    }
    return ready;
  }

  /** A partition that is far ahead of others, or read, is not read on. */
  private void pause() {
    consumer.resume(parts.keySet());
    consumer.pause(
        parts.entrySet().stream()
            .filter(part -> part.getValue().isRead || part.getValue().bytes > MOST_BUFFERED_BYTES)
            .map(Map.Entry::getKey)
            .toList());
  }
}
