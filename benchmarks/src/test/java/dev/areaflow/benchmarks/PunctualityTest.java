package dev.areaflow.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PunctualityTest {
  private static final long INTERVAL = 60_000_000;

  @Test
  void eachTurnIsDueOnceAndLateByItsFirstPoll() {
    // given: one turn at 10 s of each minute, the other at 50 s
    long[][] times = {
      {seconds(10.5), seconds(71), seconds(72), seconds(130)}, {seconds(50), seconds(170.25)}
    };
    long[] turns = {seconds(610), seconds(-10)};

    // when
    Punctuality found = Punctuality.of(times, turns, INTERVAL, 0, seconds(180));

    // then
    assertThat(found.due()).isEqualTo(6);
    assertThat(found.missed()).isEqualTo(1);
    assertThat(found.extra()).isEqualTo(1);
    assertThat(found.lateness().count()).isEqualTo(5);
    assertThat(found.lateness().max()).isBetween(999.0, 1_001.0);
  }

  @Test
  void whatComesBeforeItsTurnIsOfTheTurnBefore() {
    // given
    long[][] times = {{seconds(9.9), seconds(69.9)}};

    // when
    Punctuality found =
        Punctuality.of(times, new long[] {seconds(10)}, INTERVAL, seconds(5), seconds(120));

    // then
    assertThat(found.due()).isEqualTo(2);
    assertThat(found.missed()).isEqualTo(1);
    assertThat(found.lateness().max()).isBetween(59_800.0, 60_000.0);
  }

  private static long seconds(double seconds) {
    return Math.round(seconds * 1_000_000);
  }
}
