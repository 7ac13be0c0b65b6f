package dev.areaflow.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RedeliveryTest {

  @Test
  void whatIsToldByItsIdOrDeadlineMayComeAgain() {
    assertThat(Redelivery.safe())
        .containsExactlyInAnyOrder(
            Topics.EVENTS.name(),
            Topics.COMMANDS.name(),
            Topics.OUTCOMES.name(),
            Topics.WAKES.name());
    assertThat(Redelivery.safe()).allSatisfy(t -> assertThat(Redelivery.objection(t)).isEmpty());
  }

  @Test
  void rowsOfChangeDataCaptureMayNotAndItIsSaidWhatHelps() {
    assertThat(Redelivery.objection(Topics.DEFINITIONS.name()))
        .hasValueSatisfying(words -> assertThat(words).contains("save the AREA again"));
    assertThat(Redelivery.objection("areaflow-definitions-by-home-repartition"))
        .hasValueSatisfying(words -> assertThat(words).contains("not written again"));
  }
}
