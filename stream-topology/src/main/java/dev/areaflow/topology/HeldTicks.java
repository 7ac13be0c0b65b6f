package dev.areaflow.topology;

import static java.util.stream.Collectors.toSet;

import dev.areaflow.schemas.topics.Topics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ticks that a consumer has fetched, until it has handed out all events and outcomes that were
 * written before them. Streams takes the oldest of the records that it has, and waits for those
 * that it knows of; but it knows of none that was written since it last fetched that partition, and
 * a tick may well be fetched before them: time would pass events that are there.
 *
 * <p>When ticks come, it asks the broker where the partitions end in which the tick's task reads of
 * what happened. A tick is handed out when the consumer is beyond those ends, or when what it
 * handed out last is not from before the tick. Ends are asked for without waiting; meanwhile all
 * other records flow. A tick may be given up at any time, since the next is a second later.
 *
 * <p>For the thread of one consumer: {@link #look} before each fetch, {@link #replace} after it.
 */
final class HeldTicks {
  /** Held of a partition: an hour. */
  static final int MOST = 3_600;

  private static final Logger log = LoggerFactory.getLogger(HeldTicks.class);

  private static final Set<String> BEFORE_TICKS =
      Set.of(Topics.EVENTS.name(), Topics.OUTCOMES.name());

  private final Function<Set<TopicPartition>, Map<TopicPartition, CompletableFuture<Long>>> ends;
  private final ToLongFunction<TopicPartition> position;
  private final Map<TopicPartition, Ticks> held = new HashMap<>();
  private final Map<TopicPartition, Handed> handed = new HashMap<>();

  /**
   * @param ends asks for the offsets after the last records of partitions, those of open
   *     transactions included
   * @param position the offset of the next record of a partition that the consumer will hand out;
   *     -1 where it is not known now
   */
  HeldTicks(
      Function<Set<TopicPartition>, Map<TopicPartition, CompletableFuture<Long>>> ends,
      ToLongFunction<TopicPartition> position) {
    this.ends = ends;
    this.position = position;
  }

  /** The last record of a partition that was handed out. */
  private record Handed(long offset, long timestamp) {}

  /**
   * @param ends of the partitions that go before it, at a time after it was written
   */
  private record Held(
      ConsumerRecord<byte[], byte[]> tick, Map<TopicPartition, CompletableFuture<Long>> ends) {}

  /** Those of one partition, in their order. */
  private static final class Ticks {
    private final Deque<Held> waiting = new ArrayDeque<>();
    private final Deque<Held> due = new ArrayDeque<>();

    /** The offset after what was fetched last. */
    private OffsetAndMetadata fetched;

    Ticks(OffsetAndMetadata fetched) {
      this.fetched = fetched;
    }

    boolean isEmpty() {
      return waiting.isEmpty() && due.isEmpty();
    }

    /** Where a task goes on that has read none of them. */
    OffsetAndMetadata next() {
      @Nullable Held first = due.isEmpty() ? waiting.peekFirst() : due.peekFirst();
      return first == null
          ? fetched
          : new OffsetAndMetadata(first.tick.offset(), first.tick.leaderEpoch(), "");
    }
  }

  /** Whether any is held. */
  boolean isEmpty() {
    return held.isEmpty();
  }

  /**
   * Looks which of them need wait no longer, by what was handed out until now. It asks the consumer
   * for its positions, which may fail, so it comes before a fetch, whose records would be lost.
   */
  void look() {
    Iterator<Map.Entry<TopicPartition, Ticks>> all = held.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<TopicPartition, Ticks> entry = all.next();
      Ticks ticks = entry.getValue();
      if (position.applyAsLong(entry.getKey()) < ticks.fetched.offset()) {
        all.remove(); // the consumer was set back, and fetches them again
      } else {
        look(ticks);
      }
    }
  }

  private void look(Ticks ticks) {
    for (Held next = ticks.waiting.peekFirst(); next != null; next = ticks.waiting.peekFirst()) {
      if (hasFailed(next)) {
        ticks.waiting.removeFirst();
      } else if (isBehind(next)) {
        ticks.due.add(ticks.waiting.removeFirst());
      } else {
        return;
      }
    }
  }

  private static boolean hasFailed(Held held) {
    for (Map.Entry<TopicPartition, CompletableFuture<Long>> end : held.ends.entrySet()) {
      if (end.getValue().isCompletedExceptionally()) {
        log.warn(
            "a tick is given up, since the end of {} is not known: {}",
            end.getKey(),
            end.getValue().exceptionNow().toString());
        return true;
      }
    }
    return false;
  }

  private boolean isBehind(Held held) {
    return held.ends.entrySet().stream()
        .allMatch(end -> isBehind(held.tick, end.getKey(), end.getValue()));
  }

  private boolean isBehind(
      ConsumerRecord<byte[], byte[]> tick, TopicPartition before, CompletableFuture<Long> end) {
    long next = position.applyAsLong(before);
    if (end.state() == Future.State.SUCCESS && next >= end.resultNow()) {
      return true;
    }
    @Nullable Handed last = handed.get(before);
    return last != null && last.offset < next && last.timestamp >= tick.timestamp();
  }

  /**
   * What is to be handed out instead of what was fetched: all else of it, and such ticks as need
   * wait no longer.
   *
   * @param assigned what the consumer has now; what it held of other partitions is given up, as
   *     their next owner fetches it again
   * @param paused of these it hands nothing out
   */
  ConsumerRecords<byte[], byte[]> replace(
      ConsumerRecords<byte[], byte[]> fetched,
      Set<TopicPartition> assigned,
      Set<TopicPartition> paused) {
    held.keySet().retainAll(assigned);
    handed.keySet().retainAll(assigned);
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
    Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>(fetched.nextOffsets());
    for (TopicPartition partition : fetched.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> own = fetched.records(partition);
      if (!isTicks(partition)) {
        records.put(partition, own);
        if (BEFORE_TICKS.contains(partition.topic())) {
          handed.put(partition, new Handed(own.getLast().offset(), own.getLast().timestamp()));
        }
      }
    }
    hold(fetched);
    for (Map.Entry<TopicPartition, Ticks> ticks : held.entrySet()) {
      if (!paused.contains(ticks.getKey())) {
        handOut(ticks.getKey(), ticks.getValue(), records, next);
      }
    }
    held.values().removeIf(Ticks::isEmpty);
    return new ConsumerRecords<>(records, next);
  }

  private void hold(ConsumerRecords<byte[], byte[]> fetched) {
    Set<TopicPartition> ticked =
        fetched.partitions().stream().filter(HeldTicks::isTicks).collect(toSet());
    if (ticked.isEmpty()) {
      return;
    }
    Map<TopicPartition, CompletableFuture<Long>> asked =
        ends.apply(ticked.stream().flatMap(HeldTicks::before).collect(toSet()));
    for (TopicPartition partition : ticked) {
      Map<TopicPartition, CompletableFuture<Long>> own = new HashMap<>(asked);
      own.keySet().removeIf(before -> before.partition() != partition.partition());
      List<ConsumerRecord<byte[], byte[]>> records = fetched.records(partition);
      OffsetAndMetadata after = new OffsetAndMetadata(records.getLast().offset() + 1);
      @Nullable Ticks before = held.get(partition);
      if (before != null && before.fetched.offset() > records.getFirst().offset()) {
        held.remove(partition); // they come again
      }
      Ticks ticks = held.computeIfAbsent(partition, of -> new Ticks(after));
      ticks.fetched = fetched.nextOffsets().getOrDefault(partition, after);
      records.forEach(tick -> ticks.waiting.add(new Held(tick, own)));
      while (ticks.waiting.size() > MOST) {
        ticks.waiting.removeFirst();
      }
    }
  }

  private void handOut(
      TopicPartition partition,
      Ticks ticks,
      Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records,
      Map<TopicPartition, OffsetAndMetadata> next) {
    if (!ticks.due.isEmpty()) {
      records.put(partition, new ArrayList<>(ticks.due.stream().map(Held::tick).toList()));
      ticks.due.clear();
    }
    next.put(partition, ticks.next());
  }

  private static boolean isTicks(TopicPartition partition) {
    return partition.topic().equals(Topics.TICKS.name());
  }

  private static Stream<TopicPartition> before(TopicPartition ticks) {
    return BEFORE_TICKS.stream().map(topic -> new TopicPartition(topic, ticks.partition()));
  }
}
