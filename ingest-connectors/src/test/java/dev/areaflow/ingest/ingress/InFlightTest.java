package dev.areaflow.ingest.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class InFlightTest {
  @Test
  void noMoreDeliveriesThanAllowedAreInFlight() {
    // given
    InFlight inFlight = new InFlight(2, 1_000);
    inFlight.enter(1);
    inFlight.enter(1);

    // when
    boolean third = inFlight.enter(1);

    // then
    assertThat(third).isFalse();
    assertThat(inFlight.deliveries()).isEqualTo(2);
    assertThat(inFlight.bytes()).isEqualTo(2);
  }

  @Test
  void noMoreBytesThanAllowedAreInFlight() {
    // given
    InFlight inFlight = new InFlight(10, 100);
    inFlight.enter(60);

    // when
    boolean fits = inFlight.enter(40);
    boolean doesNot = inFlight.enter(1);

    // then
    assertThat(fits).isTrue();
    assertThat(doesNot).isFalse();
    assertThat(inFlight.deliveries()).isEqualTo(2);
    assertThat(inFlight.bytes()).isEqualTo(100);
  }

  @Test
  void whoLeavesMakesRoom() {
    // given
    InFlight inFlight = new InFlight(1, 100);
    inFlight.enter(100);

    // when
    inFlight.leave(100);

    // then
    assertThat(inFlight.deliveries()).isZero();
    assertThat(inFlight.bytes()).isZero();
    assertThat(inFlight.enter(100)).isTrue();
  }
}
