package dev.areaflow.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.topics.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fetches of a consumer, with a broker's answers given by hand. */
final class HeldTicksTest {
  private static final TopicPartition EVENTS = new TopicPartition(Topics.EVENTS.name(), 1);
  private static final TopicPartition OUTCOMES = new TopicPartition(Topics.OUTCOMES.name(), 1);
  private static final TopicPartition TICKS = new TopicPartition(Topics.TICKS.name(), 1);
  private static final Set<TopicPartition> ALL = Set.of(EVENTS, OUTCOMES, TICKS);

  private final List<CompletableFuture<Long>> eventsEnd = new ArrayList<>();
  private final List<CompletableFuture<Long>> outcomesEnd = new ArrayList<>();
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private final Set<TopicPartition> paused = new HashSet<>();
  private final HeldTicks held = new HeldTicks(this::ends, at -> positions.getOrDefault(at, -1L));

  private Map<TopicPartition, CompletableFuture<Long>> ends(Set<TopicPartition> partitions) {
    assertThat(partitions).containsExactlyInAnyOrder(EVENTS, OUTCOMES);
    eventsEnd.add(new CompletableFuture<>());
    outcomesEnd.add(new CompletableFuture<>());
    return Map.of(EVENTS, eventsEnd.getLast(), OUTCOMES, outcomesEnd.getLast());
  }

  @BeforeEach
  void begin() {
    positions.putAll(Map.of(EVENTS, 5L, OUTCOMES, 7L, TICKS, 10L));
  }

  @Test
  void aTickWaitsUntilItIsKnownWhereEventsEnd() {
    // when
    ConsumerRecords<byte[], byte[]> first = hand(at(TICKS, 10));
    ConsumerRecords<byte[], byte[]> second = hand();
    known(5, 7);
    ConsumerRecords<byte[], byte[]> third = hand();

    // then
    assertThat(List.of(first, second)).allMatch(ConsumerRecords::isEmpty);
    assertThat(places(third)).containsExactly(TICKS.topic() + " 10");
    assertThat(held.isEmpty()).isTrue();
  }

  @Test
  void aTickWaitsForTheEventsBeforeIt() {
    // given
    hand(at(TICKS, 10));
    known(7, 7);

    // when
    ConsumerRecords<byte[], byte[]> second = hand(at(EVENTS, 5));
    ConsumerRecords<byte[], byte[]> third = hand(at(EVENTS, 6));
    ConsumerRecords<byte[], byte[]> fourth = hand();

    // then
    assertThat(places(second)).containsExactly(EVENTS.topic() + " 5");
    assertThat(places(third)).containsExactly(EVENTS.topic() + " 6");
    assertThat(places(fourth)).containsExactly(TICKS.topic() + " 10");
  }

  @Test
  void outcomesGoFirstToo() {
    // given
    hand(at(TICKS, 10));
    known(5, 8);

    // when
    ConsumerRecords<byte[], byte[]> second = hand();
    ConsumerRecords<byte[], byte[]> third = hand(at(OUTCOMES, 7));
    ConsumerRecords<byte[], byte[]> fourth = hand();

    // then
    assertThat(second.isEmpty()).isTrue();
    assertThat(places(third)).containsExactly(OUTCOMES.topic() + " 7");
    assertThat(places(fourth)).containsExactly(TICKS.topic() + " 10");
  }

  @Test
  void withALongWayToTheEndOldTicksComeBetweenTheEventsOfTheirTime() {
    // given
    hand(record(TICKS, 10, 1_000), record(TICKS, 11, 2_000));
    known(1_000_000, 7);

    // when
    ConsumerRecords<byte[], byte[]> second = hand(record(EVENTS, 5, 999));
    ConsumerRecords<byte[], byte[]> third = hand(record(EVENTS, 6, 1_000));
    ConsumerRecords<byte[], byte[]> fourth = hand(record(EVENTS, 7, 1_500));

    // then
    assertThat(places(second)).containsExactly(EVENTS.topic() + " 5");
    assertThat(places(third)).containsExactly(EVENTS.topic() + " 6");
    assertThat(places(fourth))
        .containsExactlyInAnyOrder(TICKS.topic() + " 10", EVENTS.topic() + " 7");
    assertThat(fourth.nextOffsets().get(TICKS).offset()).isEqualTo(11);
  }

  @Test
  void aTaskThatEndsMeanwhileBeginsAtTheTickThatWaits() {
    // when
    ConsumerRecords<byte[], byte[]> first = hand(at(TICKS, 10), at(TICKS, 11));
    known(5, 7);
    ConsumerRecords<byte[], byte[]> second = hand(at(TICKS, 12));
    known(5, 7);
    ConsumerRecords<byte[], byte[]> third = hand();

    // then
    assertThat(List.of(first, second, third))
        .extracting(records -> records.nextOffsets().get(TICKS).offset())
        .containsExactly(10L, 12L, 13L);
    assertThat(places(second)).containsExactly(TICKS.topic() + " 10", TICKS.topic() + " 11");
    assertThat(places(third)).containsExactly(TICKS.topic() + " 12");
  }

  @Test
  void whatAnotherConsumerHasNowIsGivenUp() {
    // given
    hand(at(TICKS, 10));

    // when
    held.replace(ConsumerRecords.empty(), Set.of(EVENTS, OUTCOMES), Set.of());

    // then
    assertThat(held.isEmpty()).isTrue();
  }

  @Test
  void nothingIsHandedOutOfAPausedPartition() {
    // given
    hand(at(TICKS, 10));
    known(5, 7);

    // when
    paused.add(TICKS);
    ConsumerRecords<byte[], byte[]> second = hand();
    paused.clear();
    ConsumerRecords<byte[], byte[]> third = hand();

    // then
    assertThat(second.isEmpty()).isTrue();
    assertThat(second.nextOffsets()).isEmpty();
    assertThat(places(third)).containsExactly(TICKS.topic() + " 10");
  }

  @Test
  void aConsumerThatIsSetBackHandsEachTickOutOnce() {
    // given
    hand(at(TICKS, 10), at(TICKS, 11));
    known(5, 7);

    // when
    positions.put(TICKS, 9L);
    ConsumerRecords<byte[], byte[]> second = hand();
    ConsumerRecords<byte[], byte[]> third = hand(at(TICKS, 9), at(TICKS, 10), at(TICKS, 11));
    known(5, 7);
    ConsumerRecords<byte[], byte[]> fourth = hand();

    // then
    assertThat(List.of(second, third)).allMatch(ConsumerRecords::isEmpty);
    assertThat(places(fourth))
        .containsExactly(TICKS.topic() + " 9", TICKS.topic() + " 10", TICKS.topic() + " 11");
  }

  @Test
  void whereTheBrokerDoesNotAnswerTheNextTickTellsTheTime() {
    // given
    hand(at(TICKS, 10));
    outcomesEnd.getLast().complete(7L);
    eventsEnd.getLast().completeExceptionally(new KafkaException("no broker"));

    // when
    ConsumerRecords<byte[], byte[]> second = hand(at(TICKS, 11));
    known(5, 7);
    ConsumerRecords<byte[], byte[]> third = hand();

    // then
    assertThat(second.isEmpty()).isTrue();
    assertThat(places(third)).containsExactly(TICKS.topic() + " 11");
  }

  @Test
  void anHourOfThemIsHeldAtMost() {
    // given
    for (int i = 0; i <= HeldTicks.MOST; i++) {
      hand(at(TICKS, 10L + i));
    }

    // when
    eventsEnd.forEach(end -> end.complete(5L));
    outcomesEnd.forEach(end -> end.complete(7L));
    ConsumerRecords<byte[], byte[]> last = hand();

    // then
    assertThat(last.count()).isEqualTo(HeldTicks.MOST);
    assertThat(last.records(TICKS).getFirst().offset()).isEqualTo(11);
  }

  private void known(long events, long outcomes) {
    eventsEnd.getLast().complete(events);
    outcomesEnd.getLast().complete(outcomes);
  }

  private static ConsumerRecord<byte[], byte[]> at(TopicPartition partition, long offset) {
    return record(partition, offset, isTicks(partition) ? 1_000_000 : 0);
  }

  private static boolean isTicks(TopicPartition partition) {
    return partition.equals(TICKS);
  }

  private static ConsumerRecord<byte[], byte[]> record(
      TopicPartition partition, long offset, long timestamp) {
    return new ConsumerRecord<>(
        partition.topic(),
        partition.partition(),
        offset,
        timestamp,
        TimestampType.LOG_APPEND_TIME,
        0,
        0,
        new byte[0],
        new byte[0],
        new RecordHeaders(),
        Optional.empty());
  }

  /** What a poll hands out that fetches these. */
  @SafeVarargs
  private ConsumerRecords<byte[], byte[]> hand(ConsumerRecord<byte[], byte[]>... fetched) {
    held.look();
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
    Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : fetched) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      records.computeIfAbsent(partition, of -> new ArrayList<>()).add(record);
      next.put(partition, new OffsetAndMetadata(record.offset() + 1));
      positions.put(partition, record.offset() + 1);
    }
    return held.replace(new ConsumerRecords<>(records, next), ALL, paused);
  }

  private static List<String> places(ConsumerRecords<byte[], byte[]> records) {
    List<String> places = new ArrayList<>();
    records.forEach(record -> places.add(record.topic() + " " + record.offset()));
    return places;
  }
}
