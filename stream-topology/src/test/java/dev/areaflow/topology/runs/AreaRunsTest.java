package dev.areaflow.topology.runs;

import static dev.areaflow.topology.runs.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AreaRunsTest {
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void whatIsKnownIsReadAsItWasWritten() {
    // given
    Run live = Samples.begun("a");
    Run replayed =
        Run.of(
            Samples.SUBJECT,
            Samples.CAUSE.with(List.of(), new Cause.Replay("replay-1", true)),
            live.steps());
    AreaRuns runs =
        AreaRuns.NONE
            .withEnded(3)
            .withCurrent("run-1")
            .queued(live)
            .queued(replayed)
            .left(live)
            .from(2)
            .failing(NOW)
            .told("a RETRYABLE 503", NOW)
            .told("b PERMANENT null", NOW.plusSeconds(1));

    // when
    byte[] row = AreaRuns.SERDE.serializer().serialize("", runs);

    // then
    assertThat(AreaRuns.SERDE.deserializer().deserialize("", row)).isEqualTo(runs);
    assertThat(runs.waiting()).isEqualTo(1);
    assertThat(runs.replayed()).isEqualTo(1);
    assertThat(runs.next()).isEqualTo(3);
  }

  @Test
  void aFailureIsToldOfAgainADayBeforeTheAreaWouldBePaused() {
    // given
    Instant told = NOW.plus(Duration.ofDays(4)).minus(HOUR);
    AreaRuns runs = AreaRuns.NONE.failing(NOW).told("kind", told);

    // then
    assertThat(runs.tells("kind", told.plusSeconds(3_599))).isFalse();
    assertThat(runs.tells("kind", told.plus(HOUR))).isTrue();
    assertThat(runs.told("kind", told.plus(HOUR)).tells("kind", told.plus(HOUR.multipliedBy(2))))
        .isFalse();
  }

  @Test
  void theTimeOfTheFirstFailureStays() {
    // when
    AreaRuns runs = AreaRuns.NONE.failing(NOW).failing(NOW.plus(HOUR));

    // then
    assertThat(runs.failingSince()).isEqualTo(NOW);
    assertThat(runs.healthy().isNothing()).isTrue();
  }

  @Test
  void notMoreKindsOfFailuresAreRememberedThanFit() {
    // given
    AreaRuns runs = AreaRuns.NONE.failing(NOW);

    // when
    for (int i = 0; i < 500; i++) {
      runs = runs.told("kind " + i, NOW.plusSeconds(i));
    }

    // then
    assertThat(runs.told()).hasSize(100).containsKey("kind 499");
  }
}
