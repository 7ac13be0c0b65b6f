package dev.areaflow.launcher.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MomentTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-03-10T12:00:00.5Z"), ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource({
    "now, 2026-03-10T12:00:00Z",
    "-7d, 2026-03-03T12:00:00Z",
    "-1w, 2026-03-03T12:00:00Z",
    "-12h, 2026-03-10T00:00:00Z",
    "-30m, 2026-03-10T11:30:00Z",
    "-90s, 2026-03-10T11:58:30Z",
    "2026-03-01, 2026-03-01T00:00:00Z",
    "2026-03-01T12:00:00Z, 2026-03-01T12:00:00Z",
    "2026-03-01T12:00:00+02:00, 2026-03-01T10:00:00Z"
  })
  void timesArePointsOnTheClock(String text, Instant expected) {
    assertThat(Moment.of("--from", text, CLOCK)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "7d", "-7y", "yesterday", "2026-13-01", "2026-03-01T25:00:00Z"})
  void whatIsNoTimeIsSaidToBeNone(String text) {
    assertThatThrownBy(() -> Moment.of("--from", text, CLOCK))
        .isInstanceOf(CommandFailure.class)
        .hasMessageStartingWith("--from: expected -7d");
  }

  @Test
  void thereIsAnEndToHowLongAgo() {
    assertThat(Moment.of("--from", "-999999w", CLOCK)).isBefore(Instant.EPOCH);
  }
}
