package dev.areaflow.api.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TopicReaderTest {
  private static final Bounds BOUNDS = new Bounds(1_000, Duration.ofMillis(400));
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
  void whereNothingIsReadInTimeTheTopicIsSlow() {
    // given
    topics.reach(0);

    // when
    var reading = assertThatThrownBy(this::backwards);

    // then
    reading.isInstanceOf(SlowTopicException.class).hasMessageContaining("before 200");
  }
}
