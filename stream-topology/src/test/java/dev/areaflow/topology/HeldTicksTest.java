package dev.areaflow.topology;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.topics.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Fetches of a consumer, with a broker's answers given by hand. */
final class HeldTicksTest {
  private static final TopicPartition EVENTS = new TopicPartition(Topics.EVENTS.name(), 1);
  private static final TopicPartition OUTCOMES = new TopicPartition(Topics.OUTCOMES.name(), 1);
  private static final TopicPartition TICKS = new TopicPartition(Topics.TICKS.name(), 1);
  private static final Set<TopicPartition> ALL = Set.of(EVENTS, OUTCOMES, TICKS);

  private final List<CompletableFuture<Map<TopicPartition, Long>>> asked = new ArrayList<>();
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private final HeldTicks held = new HeldTicks(this::ends, at -> positions.getOrDefault(at, -1L));

  private CompletableFuture<Map<TopicPartition, Long>> ends(Set<TopicPartition> partitions) {
    assertThat(partitions).allMatch(one -> one.equals(EVENTS) || one.equals(OUTCOMES));
    CompletableFuture<Map<TopicPartition, Long>> answer = new CompletableFuture<>();
    asked.add(answer);
    return answer;
  }

  @Test
  void aTickWaitsUntilItIsKnownWhereEventsEnd() {
    // given
    positions.putAll(Map.of(EVENTS, 5L, OUTCOMES, 7L));

    // when
    ConsumerRecords<byte[], byte[]> first = hand(at(TICKS, 10));
    asked.getFirst().complete(Map.of(EVENTS, 5L, OUTCOMES, 7L));
    ConsumerRecords<byte[], byte[]> second = hand();

    // then
    assertThat(first.isEmpty()).isTrue();
    assertThat(places(second)).containsExactly(Topics.TICKS.name() + " 10");
  }

  @Test
  void aTickWaitsForTheEventsBeforeIt() {
    // given
    positions.putAll(Map.of(EVENTS, 5L, OUTCOMES, 7L));
    hand(at(TICKS, 10));
    asked.getFirst().complete(Map.of(EVENTS, 7L, OUTCOMES, 7L));

    // when
    positions.put(EVENTS, 6L);
    ConsumerRecords<byte[], byte[]> second = hand(at(EVENTS, 5));
    positions.put(EVENTS, 7L);
    ConsumerRecords<byte[], byte[]> third = hand(at(EVENTS, 6));

    // then
    assertThat(places(second)).containsExactly(Topics.EVENTS.name() + " 5");
    assertThat(places(third))
        .containsExactlyInAnyOrder(Topics.EVENTS.name() + " 6", Topics.TICKS.name() + " 10");
  }

  @Test
  void outcomesGoFirstToo() {
    // given
    positions.putAll(Map.of(EVENTS, 5L, OUTCOMES, 6L));
    hand(at(TICKS, 10));
    asked.getFirst().complete(Map.of(EVENTS, 5L, OUTCOMES, 7L));

    // when
    ConsumerRecords<byte[], byte[]> second = hand();

    // then
    assertThat(second.isEmpty()).isTrue();
  }

  @Test
  void aTaskThatEndsMeanwhileBeginsAtTheTickThatWaits() {
    // when
    ConsumerRecords<byte[], byte[]> first = hand(at(TICKS, 10), at(TICKS, 11));
    ConsumerRecords<byte[], byte[]> second = hand(at(TICKS, 12));
    positions.putAll(Map.of(EVENTS, 5L, OUTCOMES, 7L));
    asked.getFirst().complete(Map.of(EVENTS, 5L, OUTCOMES, 7L));
    ConsumerRecords<byte[], byte[]> third = hand();
    asked.getLast().complete(Map.of(EVENTS, 5L, OUTCOMES, 7L));
    ConsumerRecords<byte[], byte[]> fourth = hand();

    // then
    assertThat(List.of(first, second, third, fourth))
        .extracting(records -> records.nextOffsets().get(TICKS).offset())
        .containsExactly(10L, 10L, 12L, 13L);
    assertThat(places(third))
        .containsExactly(Topics.TICKS.name() + " 10", Topics.TICKS.name() + " 11");
    assertThat(places(fourth)).containsExactly(Topics.TICKS.name() + " 12");
    assertThat(held.isEmpty()).isTrue();
  }

  @Test
  void whatAnotherConsumerHasNowIsGivenUp() {
    // given
    hand(at(TICKS, 10));

    // when
    held.behindAllElse(ConsumerRecords.empty(), Set.of(EVENTS, OUTCOMES));

    // then
    assertThat(held.isEmpty()).isTrue();
  }

  @Test
  void aConsumerThatIsSetBackHandsEachTickOutOnce() {
    // given
    positions.putAll(Map.of(EVENTS, 5L, OUTCOMES, 7L));
    hand(at(TICKS, 10), at(TICKS, 11));

    // when
    hand(at(TICKS, 10), at(TICKS, 11));
    asked.forEach(answer -> answer.complete(Map.of(EVENTS, 5L, OUTCOMES, 7L)));
    ConsumerRecords<byte[], byte[]> last = hand();

    // then
    assertThat(places(last))
        .containsExactly(Topics.TICKS.name() + " 10", Topics.TICKS.name() + " 11");
  }

  @Test
  void whereTheBrokerDoesNotAnswerItIsAskedAgain() {
    // given
    positions.putAll(Map.of(EVENTS, 5L, OUTCOMES, 7L));
    hand(at(TICKS, 10));
    asked.getFirst().completeExceptionally(new KafkaException("no broker"));

    // when
    ConsumerRecords<byte[], byte[]> second = hand();
    asked.getLast().complete(Map.of(EVENTS, 5L, OUTCOMES, 7L));
    ConsumerRecords<byte[], byte[]> third = hand();

    // then
    assertThat(second.isEmpty()).isTrue();
    assertThat(asked).hasSize(2);
    assertThat(places(third)).containsExactly(Topics.TICKS.name() + " 10");
  }

  private static ConsumerRecord<byte[], byte[]> at(TopicPartition partition, long offset) {
    return new ConsumerRecord<>(
        partition.topic(), partition.partition(), offset, new byte[0], new byte[0]);
  }

  @SafeVarargs
  private ConsumerRecords<byte[], byte[]> hand(ConsumerRecord<byte[], byte[]>... fetched) {
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : fetched) {
      records
          .computeIfAbsent(
              new TopicPartition(record.topic(), record.partition()), of -> new ArrayList<>())
          .add(record);
    }
    Map<TopicPartition, OffsetAndMetadata> next =
        records.entrySet().stream()
            .collect(
                toMap(
                    Map.Entry::getKey,
                    each -> new OffsetAndMetadata(each.getValue().getLast().offset() + 1)));
    return held.behindAllElse(new ConsumerRecords<>(records, next), ALL);
  }

  private static List<String> places(ConsumerRecords<byte[], byte[]> records) {
    List<String> places = new ArrayList<>();
    records.forEach(record -> places.add(record.topic() + " " + record.offset()));
    return places;
  }
}
