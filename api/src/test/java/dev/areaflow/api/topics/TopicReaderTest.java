package dev.areaflow.api.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TopicReaderTest {
  private static final Bounds BOUNDS = new Bounds(1_000, 10_000_000, Duration.ofMillis(400));
  private static final Duration TIME = Duration.ofSeconds(10);
  private static final String KEY = "key";

  private final KeptTopics topics = new KeptTopics(new LocalSerdes());
  private final TopicReader reader = new TopicReader(topics.consumer());
  private final TopicPartition partition = reader.partition(Topics.EVENTS, KEY);

  @BeforeEach
  void write() {
    for (int i = 0; i < 200; i++) {
      topics.append(Topics.EVENTS, KEY, new byte[0], new RecordHeaders(), Instant.now());
    }
  }

  @AfterEach
  void close() {
    reader.close();
  }

  private TopicReader.Back backwards() {
    return reader.backwards(partition, OptionalLong.empty(), record -> true, 1_000, BOUNDS);
  }

  @Test
  void aChunkNotReadInTimeIsMadeSmallerAndWhatWasReadIsKept() {
    // given
    topics.reach(5);

    // when
    TopicReader.Back back = backwards();

    // then
    assertThat(back.records()).isNotEmpty();
    assertThat(back.next()).hasValue(200 - back.records().size());
    topics.reach(Integer.MAX_VALUE);
    TopicReader.Back rest = reader.backwards(partition, back.next(), record -> true, 1_000, BOUNDS);
    assertThat(back.records().size() + rest.records().size()).isEqualTo(200);
  }

  @Test
  void aLookBackEndsWhereItsBytesDoAndGoesOnFromThere() {
    // given
    Bounds bounds = new Bounds(1_000, 5_000_000, TIME);
    writeLarge(100, 100_000);

    // when
    TopicReader.Back back =
        reader.backwards(partition, OptionalLong.empty(), record -> true, 1_000, bounds);

    // then
    assertThat(back.records()).hasSizeBetween(1, 50);
    assertThat(offsets(back).getFirst()).isEqualTo(299);
    assertThat(back.next()).hasValue(offsets(back).getLast());
    assertThat(allPages(record -> true, bounds)).isEqualTo(downFrom(299, 1));
  }

  @Test
  void whatIsNotWantedCountsToo() {
    // given
    Bounds bounds = new Bounds(1_000, 5_000_000, TIME);
    writeLarge(100, 100_000);

    // when
    TopicReader.Back back =
        reader.backwards(partition, OptionalLong.empty(), r -> r.offset() % 100 == 0, 5, bounds);

    // then
    assertThat(back.records()).isEmpty();
    assertThat(back.next().orElseThrow()).isBetween(250L, 299L);
    assertThat(allPages(r -> r.offset() % 100 == 0, bounds)).isEqualTo(downFrom(200, 100));
  }

  @Test
  void oneRecordThatIsLargerThanTheBytesIsStillRead() {
    // given
    Bounds bounds = new Bounds(1_000, 1_000_000, TIME);
    writeLarge(8, 1_500_000);

    // when
    TopicReader.Back back =
        reader.backwards(partition, OptionalLong.empty(), record -> true, 1_000, bounds);

    // then
    assertThat(offsets(back)).containsExactly(207L);
    assertThat(back.next()).hasValue(207);
  }

  @Test
  void aPageIsNeverLargerThanEightMebibytes() {
    // given
    Bounds bounds = new Bounds(1_000, Long.MAX_VALUE, TIME);
    writeLarge(20, 1024 * 1024 - KEY.length());

    // when
    TopicReader.Back back =
        reader.backwards(partition, OptionalLong.empty(), record -> true, 1_000, bounds);

    // then
    assertThat(offsets(back)).isEqualTo(downFrom(219, 1).subList(0, 8));
    assertThat(back.next()).hasValue(212);
    assertThat(allPages(record -> true, bounds)).isEqualTo(downFrom(219, 1));
  }

  private void writeLarge(int records, int bytes) {
    for (int i = 0; i < records; i++) {
      topics.append(Topics.EVENTS, KEY, new byte[bytes], new RecordHeaders(), Instant.now());
    }
  }

  private static List<Long> offsets(TopicReader.Back back) {
    return back.records().stream().map(ConsumerRecord::offset).toList();
  }

  private List<Long> allPages(Predicate<ConsumerRecord<String, byte[]>> wanted, Bounds bounds) {
    List<Long> all = new ArrayList<>();
    OptionalLong next = OptionalLong.empty();
    do {
      TopicReader.Back page = reader.backwards(partition, next, wanted, 1_000, bounds);
      all.addAll(offsets(page));
      next = page.next();
    } while (next.isPresent());
    return all;
  }

  private static List<Long> downFrom(long first, long step) {
    return LongStream.iterate(first, offset -> offset >= 0, offset -> offset - step)
        .boxed()
        .toList();
  }

  @Test
  void aReadingThatWasCutSaysSo() {
    // given
    Instant start = Instant.EPOCH;

    // when
    TopicReader.Since<Long> records = since(start, new Bounds(100, 10_000_000, TIME));
    TopicReader.Since<Long> bytes = since(start, new Bounds(1_000, 100, TIME));
    TopicReader.Since<Long> all = since(start, new Bounds(1_000, 10_000_000, TIME));

    // then
    assertThat(records.complete()).isFalse();
    assertThat(records.found()).hasSize(100);
    assertThat(bytes.complete()).isFalse();
    assertThat(all.complete()).isTrue();
    assertThat(all.found()).hasSize(200);
  }

  private TopicReader.Since<Long> since(Instant from, Bounds bounds) {
    return reader.since(
        Topics.EVENTS, List.of(KEY), from, record -> Optional.of(record.offset()), bounds);
  }

  @Test
  void whereNothingIsReadInTimeTheTopicIsSlow() {
    // given
    topics.reach(0);

    // when
    var reading = assertThatThrownBy(this::backwards);

    // then
    reading.isInstanceOf(SlowTopicException.class).hasMessageContaining("before 200");
  }
}
