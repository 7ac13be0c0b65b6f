package dev.areaflow.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RateLimitsTest {
  @Test
  void asManyAsASecondAllowsMayComeAtOnce() {
    // given
    RateLimits rates = new RateLimits(100);

    // when
    int[] waits = IntStream.range(0, 100).map(i -> rates.take("hook")).toArray();

    // then
    assertThat(waits).containsOnly(0);
  }

  @Test
  void whoComesTooOftenIsToldAfterHowManyWholeSeconds() {
    // given
    RateLimits rates = new RateLimits(1);

    // when
    int wait =
        IntStream.range(0, 1_000)
            .map(i -> rates.take("hook"))
            .filter(s -> s > 0)
            .findFirst()
            .orElse(0);

    // then
    assertThat(wait).isBetween(1, 2);
  }

  @Test
  void hooksDoNotShareTheirRate() {
    // given
    RateLimits rates = new RateLimits(1);
    rates.take("one");

    // when
    int other = rates.take("other");

    // then
    assertThat(other).isZero();
  }
}
