package dev.areaflow.topology;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toSet;

import dev.areaflow.schemas.topics.Topics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ticks that a consumer has fetched, until it has handed out all events and outcomes that were
 * written before them. Streams takes the oldest of the records that it has, and waits for those
 * that it knows of; but it knows of none that was written since it last fetched that partition, and
 * a tick may well be fetched before them: time would pass events that are there.
 *
 * <p>When a tick comes, it asks the broker where the partitions end, in which the tick's task reads
 * of what happened, and holds the tick until the consumer is beyond. Ends are asked for without
 * waiting; meanwhile all other records flow. For the thread of one consumer.
 */
final class HeldTicks {
  private static final Set<String> BEFORE_TICKS =
      Set.of(Topics.EVENTS.name(), Topics.OUTCOMES.name());

  private static final Logger LOG = LoggerFactory.getLogger(HeldTicks.class);

  private final Function<Set<TopicPartition>, CompletableFuture<Map<TopicPartition, Long>>> ends;
  private final ToLongFunction<TopicPartition> position;
  private final Map<TopicPartition, Deque<Fetched>> held = new HashMap<>();

  /**
   * @param ends asks for the offsets after the last records of partitions, of open transactions too
   * @param position the offset of the next record of a partition that the consumer will hand out;
   *     -1 where it is not known now
   */
  HeldTicks(
      Function<Set<TopicPartition>, CompletableFuture<Map<TopicPartition, Long>>> ends,
      ToLongFunction<TopicPartition> position) {
    this.ends = ends;
    this.position = position;
  }

  /**
   * Ticks of a partition that came at once.
   *
   * @param next the offset after them
   * @param ends where the partitions end that go before them, once that is known
   */
  private record Fetched(
      List<ConsumerRecord<byte[], byte[]>> ticks,
      OffsetAndMetadata next,
      CompletableFuture<Map<TopicPartition, Long>> ends) {
    /** Where the task goes on that has read none of them. */
    OffsetAndMetadata first() {
      ConsumerRecord<byte[], byte[]> first = ticks.getFirst();
      return new OffsetAndMetadata(first.offset(), first.leaderEpoch(), "");
    }
  }

  /** Whether any is held. */
  boolean isEmpty() {
    return held.isEmpty();
  }

  /**
   * What is to be handed out of what was fetched: all of it but the ticks, and such of those as
   * need wait no longer.
   *
   * @param assigned what the consumer has now; what it held of other partitions is given up, as
   *     their next owner fetches it again
   */
  ConsumerRecords<byte[], byte[]> behindAllElse(
      ConsumerRecords<byte[], byte[]> fetched, Set<TopicPartition> assigned) {
    held.keySet().retainAll(assigned);
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
    Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>(fetched.nextOffsets());
    for (TopicPartition partition : fetched.partitions()) {
      if (!isTicks(partition)) {
        records.put(partition, fetched.records(partition));
      }
    }
    hold(fetched);
    for (var ticks : List.copyOf(held.entrySet())) {
      release(ticks.getKey(), ticks.getValue(), records, next);
    }
    return new ConsumerRecords<>(records, next);
  }

  private void hold(ConsumerRecords<byte[], byte[]> fetched) {
    Set<TopicPartition> ticked =
        fetched.partitions().stream().filter(HeldTicks::isTicks).collect(toSet());
    if (ticked.isEmpty()) {
      return;
    }
    Set<TopicPartition> before = ticked.stream().flatMap(HeldTicks::before).collect(toSet());
    CompletableFuture<Map<TopicPartition, Long>> asked = ends.apply(before);
    for (TopicPartition partition : ticked) {
      List<ConsumerRecord<byte[], byte[]>> ticks = fetched.records(partition);
      Deque<Fetched> waiting = held.computeIfAbsent(partition, of -> new ArrayDeque<>());
      // The consumer was set back: what it fetched before comes again.
      waiting.removeIf(one -> one.next.offset() > ticks.getFirst().offset());
      waiting.add(new Fetched(ticks, requireNonNull(fetched.nextOffsets().get(partition)), asked));
    }
  }

  private void release(
      TopicPartition partition,
      Deque<Fetched> waiting,
      Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records,
      Map<TopicPartition, OffsetAndMetadata> next) {
    while (!waiting.isEmpty()) {
      Fetched first = asked(partition, waiting.removeFirst());
      if (!isBehind(partition, first)) {
        waiting.addFirst(first);
        break;
      }
      records.computeIfAbsent(partition, of -> new ArrayList<>()).addAll(first.ticks);
      next.put(partition, first.next);
    }
    if (waiting.isEmpty()) {
      held.remove(partition);
    } else {
      next.put(partition, waiting.getFirst().first());
    }
  }

  private boolean isBehind(TopicPartition partition, Fetched one) {
    return one.ends.isDone()
        && !one.ends.isCompletedExceptionally()
        && one.ends.join().entrySet().stream()
            .filter(end -> end.getKey().partition() == partition.partition())
            .allMatch(end -> position.applyAsLong(end.getKey()) >= end.getValue());
  }

  /** Asks again where no answer came. */
  private Fetched asked(TopicPartition partition, Fetched one) {
    if (!one.ends.isCompletedExceptionally()) {
      return one;
    }
    LOG.warn(
        "ticks of {} wait until it is known where events and outcomes end: {}",
        partition,
        one.ends.exceptionNow().toString());
    return new Fetched(one.ticks, one.next, ends.apply(before(partition).collect(toSet())));
  }

  private static boolean isTicks(TopicPartition partition) {
    return partition.topic().equals(Topics.TICKS.name());
  }

  private static Stream<TopicPartition> before(TopicPartition ticks) {
    return BEFORE_TICKS.stream().map(topic -> new TopicPartition(topic, ticks.partition()));
  }
}
