package dev.areaflow.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.topics.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When the application may start, and from where. */
final class StartConditionsTest {
  private static final String CHANGELOG = AreaflowTopology.APPLICATION + "-runs-changelog";

  private final FakeBroker broker = new FakeBroker();
  private final StartConditions conditions = new StartConditions(broker.admin());

  /** What was committed each time that local state was forgotten. */
  private final List<Map<TopicPartition, Long>> forgotten = new ArrayList<>();

  @BeforeEach
  void open() {
    broker.topic(Topics.EVENTS.name(), 1, 3, 9);
    broker.topic(Topics.OUTCOMES.name(), 1, 0, 4);
    broker.topic(Topics.TICKS.name(), 1, 0, 0);
    broker.topic(Topics.REQUESTS.name(), 1, 0, 0);
  }

  @Test
  void aNewApplicationForgetsLocalStateAndThenBeginsAtTheBeginning() throws Exception {
    // when
    establish();

    // then
    assertThat(forgotten).containsExactly(Map.of());
    assertThat(broker.committed())
        .isEqualTo(
            Map.of(
                new TopicPartition(Topics.EVENTS.name(), 0), 3L,
                new TopicPartition(Topics.OUTCOMES.name(), 0), 0L));
  }

  @Test
  void anApplicationThatStoppedGoesOnFromThere() throws Exception {
    // given
    broker.topic(CHANGELOG, 1, 0, 5);
    broker.commit(Topics.EVENTS.name(), 0, 7);
    broker.commit(Topics.OUTCOMES.name(), 0, 4);

    // when
    establish();

    // then
    assertThat(forgotten).isEmpty();
    assertThat(broker.committed())
        .containsEntry(new TopicPartition(Topics.EVENTS.name(), 0), 7L)
        .containsEntry(new TopicPartition(Topics.OUTCOMES.name(), 0), 4L);
  }

  @Test
  void lostOffsetsRefuseTheStartWhileThereIsState() {
    // given
    broker.topic(CHANGELOG, 1, 0, 5);

    // when, then
    assertThatThrownBy(this::establish)
        .isInstanceOf(RefusedStartException.class)
        .hasMessageContaining(Topics.EVENTS.name() + "-0")
        .hasMessageContaining("state.dir");
    assertThat(forgotten).isEmpty();
    assertThat(broker.committed()).isEmpty();
  }

  @Test
  void halfTheOffsetsRefuseTheStart() {
    // given
    broker.commit(Topics.EVENTS.name(), 0, 7);

    // when, then
    assertThatThrownBy(this::establish)
        .isInstanceOf(RefusedStartException.class)
        .hasMessageContaining(Topics.OUTCOMES.name() + "-0");
  }

  @Test
  void anOffsetThatIsNotKeptRefusesTheStart() {
    // given
    broker.commit(Topics.EVENTS.name(), 0, 2);
    broker.commit(Topics.OUTCOMES.name(), 0, 4);

    // when, then
    assertThatThrownBy(this::establish)
        .isInstanceOf(RefusedStartException.class)
        .hasMessageContaining(Topics.EVENTS.name() + "-0 at 2 of 3 to 9");
  }

  @Test
  void soMustTheTopicToTheHomesOfAreasWithSeveralHooks() {
    // given
    broker.topic(AreaflowTopology.FORWARDED_TOPIC, 2, 0, 0);

    // when, then
    assertThatThrownBy(this::establish)
        .isInstanceOf(RefusedStartException.class)
        .hasMessageContaining(AreaflowTopology.FORWARDED_TOPIC + "=2");
  }

  @Test
  void topicsThatMeetMustHaveEquallyManyPartitions() {
    // given
    broker.topic(Topics.TICKS.name(), 2, 0, 0);

    // when, then
    assertThatThrownBy(this::establish)
        .isInstanceOf(RefusedStartException.class)
        .hasMessageContaining(Topics.TICKS.name() + "=2");
  }

  private void establish() throws ExecutionException, InterruptedException {
    conditions.establish(() -> forgotten.add(broker.committed()));
  }
}
