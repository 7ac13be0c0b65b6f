package dev.areaflow.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A consumer of the application that reaches no broker: only what it would fetch counts. */
final class EventsGateTest {
  private static final TopicPartition EVENTS = new TopicPartition(Topics.EVENTS.name(), 0);
  private static final TopicPartition TICKS = new TopicPartition(Topics.TICKS.name(), 0);
  private static final TopicPartition OUTCOMES = new TopicPartition(Topics.OUTCOMES.name(), 0);

  private final EventsGate gate = new EventsGate();
  private Consumer<byte[], byte[]> consumer;

  @BeforeEach
  void open() {
    consumer =
        gate.getConsumer(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                "127.0.0.1:1",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false));
    consumer.assign(List.of(EVENTS, TICKS, OUTCOMES));
    List.of(EVENTS, TICKS, OUTCOMES).forEach(partition -> consumer.seek(partition, 0));
  }

  @AfterEach
  void close() {
    consumer.close();
  }

  @Test
  void aClosedGateHoldsEventsAndTheTimeBack() {
    // when
    consumer.poll(Duration.ZERO);

    // then
    assertThat(consumer.paused()).containsExactlyInAnyOrder(EVENTS, TICKS);
    assertThat(consumer.currentLag(EVENTS)).isEqualTo(OptionalLong.of(0));
    assertThat(consumer.currentLag(TICKS)).isEqualTo(OptionalLong.of(0));
    assertThat(consumer.currentLag(OUTCOMES)).isEmpty();
  }

  @Test
  void aClosedGateResumesNothingThatItHolds() {
    // given
    consumer.poll(Duration.ZERO);
    consumer.pause(List.of(EVENTS, TICKS, OUTCOMES));

    // when
    consumer.resume(List.of(EVENTS, TICKS, OUTCOMES));

    // then
    assertThat(consumer.paused()).containsExactlyInAnyOrder(EVENTS, TICKS);
  }

  @Test
  void anOpenGateHoldsNothing() {
    // given
    consumer.poll(Duration.ZERO);

    // when
    gate.open();
    consumer.poll(Duration.ZERO);

    // then
    assertThat(consumer.paused()).isEmpty();
    assertThat(consumer.currentLag(EVENTS)).isEmpty();
  }

  @Test
  void whatStreamsPausedStaysPausedWhenTheGateOpens() {
    // given
    consumer.poll(Duration.ZERO);
    consumer.pause(List.of(EVENTS));

    // when
    gate.open();
    consumer.poll(Duration.ZERO);

    // then
    assertThat(consumer.paused()).containsExactly(EVENTS);
  }
}
