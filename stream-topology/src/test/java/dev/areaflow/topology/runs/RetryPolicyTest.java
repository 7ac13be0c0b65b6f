package dev.areaflow.topology.runs;

import static dev.areaflow.topology.runs.Samples.POLICY;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RetryPolicyTest {
  @Test
  void delaysSpreadByAFifthEitherWay() {
    // when
    var delays =
        IntStream.range(0, 10_000)
            .mapToObj(i -> POLICY.delay("command-" + i, 1, Duration.ZERO).orElseThrow())
            .toList();

    // then
    assertThat(delays).allMatch(d -> d.toMillis() >= 4_000 && d.toMillis() <= 6_000);
    assertThat(delays).anyMatch(d -> d.toMillis() < 4_100).anyMatch(d -> d.toMillis() > 5_900);
    assertThat(delays.stream().mapToLong(Duration::toMillis).average().orElseThrow())
        .isBetween(4_950.0, 5_050.0);
  }

  @Test
  void aCommandAlwaysGetsTheSameDelays() {
    // when
    var delay = POLICY.delay("command", 3, Duration.ZERO);

    // then
    assertThat(delay).isEqualTo(POLICY.delay("command", 3, Duration.ZERO));
  }

  @Test
  void theProviderIsNeverAskedBeforeItWantsToBe() {
    // when
    var delay = POLICY.delay("command", 1, Duration.ofMinutes(20));

    // then
    assertThat(delay).contains(Duration.ofMinutes(20));
  }

  @Test
  void aProviderCannotPutACallOffForMoreThanADay() {
    // when
    var delay = POLICY.delay("command", 1, Duration.ofDays(400));

    // then
    assertThat(delay).contains(Duration.ofHours(24));
  }

  @Test
  void thereAreEightRetries() {
    // then
    assertThat(POLICY.delay("command", 8, Duration.ZERO)).isPresent();
    assertThat(POLICY.delay("command", 9, Duration.ofSeconds(1))).isEmpty();
  }
}
