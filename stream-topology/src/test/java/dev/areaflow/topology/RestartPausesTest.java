package dev.areaflow.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RestartPausesTest {
  private final RestartPauses pauses = new RestartPauses();

  @Test
  void pausesGrowWhileLivesAreShort() {
    // when
    Stream<Duration> seven =
        Stream.generate(() -> pauses.after(Duration.ofSeconds(2))).limit(7).toList().stream();

    // then
    assertThat(seven.map(Duration::toMillis))
        .containsExactly(250L, 500L, 1_000L, 2_000L, 4_000L, 8_000L, 10_000L);
  }

  @Test
  void aGoodLifeBeginsThemAnew() {
    // given
    pauses.after(Duration.ofSeconds(2));
    pauses.after(Duration.ofSeconds(2));

    // when
    Duration pause = pauses.after(Duration.ofMinutes(2));

    // then
    assertThat(pause).isEqualTo(Duration.ofMillis(250));
    assertThat(pauses.after(Duration.ofSeconds(2))).isEqualTo(Duration.ofMillis(500));
  }
}
