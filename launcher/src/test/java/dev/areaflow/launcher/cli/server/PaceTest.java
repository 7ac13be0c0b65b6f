package dev.areaflow.launcher.cli.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PaceTest {
  @Test
  void aSlowServerIsAskedLessOften() {
    // when, then
    assertThat(Pace.after(Duration.ofMillis(20))).isEqualTo(Duration.ofSeconds(1));
    assertThat(Pace.after(Duration.ofSeconds(2))).isEqualTo(Duration.ofSeconds(8));
    assertThat(Pace.after(Duration.ofMinutes(1))).isEqualTo(Duration.ofSeconds(30));
  }
}
