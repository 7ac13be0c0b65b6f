package dev.areaflow.executors;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class InFlightTest {
  private static final Duration NOW = Duration.ofNanos(1);

  @Test
  void aBatchBeyondTheCommandsHasNoRoom() throws InterruptedException {
    // given
    InFlight inFlight = new InFlight(10, 1_000);
    assertThat(inFlight.enter(8, 10, NOW)).isTrue();

    // when
    boolean entered = inFlight.enter(3, 10, NOW);

    // then
    assertThat(entered).isFalse();
    assertThat(inFlight.commands()).isEqualTo(8);
  }

  @Test
  void aBatchBeyondTheBytesHasNoRoom() throws InterruptedException {
    // given
    InFlight inFlight = new InFlight(10, 1_000);
    assertThat(inFlight.enter(1, 900, NOW)).isTrue();

    // when, then
    assertThat(inFlight.enter(1, 200, NOW)).isFalse();
    assertThat(inFlight.enter(1, 100, NOW)).isTrue();
  }

  @Test
  void aBatchLargerThanTheLimitsGetsInAlone() throws InterruptedException {
    // given
    InFlight inFlight = new InFlight(10, 1_000);

    // when, then
    assertThat(inFlight.enter(1, 5_000, NOW)).isTrue();
    assertThat(inFlight.enter(1, 1, NOW)).isFalse();
  }

  @Test
  void nobodyWaitsForRoomAfterTheClose() throws InterruptedException {
    // given
    InFlight inFlight = new InFlight(1, 1_000);
    assertThat(inFlight.enter(1, 10, NOW)).isTrue();
    long before = System.nanoTime();

    // when
    inFlight.close();

    // then
    assertThat(inFlight.enter(1, 10, Duration.ofMinutes(5))).isFalse();
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofMinutes(1));
    assertThat(inFlight.commands()).isEqualTo(1);
  }

  @Test
  void whoWaitsGetsInWhenRoomIsGivenBack() throws Exception {
    // given
    InFlight inFlight = new InFlight(1, 1_000);
    assertThat(inFlight.enter(1, 10, NOW)).isTrue();
    CompletableFuture<Boolean> waiting = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                waiting.complete(inFlight.enter(1, 10, Duration.ofSeconds(30)));
              } catch (InterruptedException e) {
                waiting.completeExceptionally(e);
              }
            });

    // when
    inFlight.leave(10);

    // then
    assertThat(waiting.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(inFlight.awaitEmpty(NOW)).isFalse();
    inFlight.leave(10);
    assertThat(inFlight.awaitEmpty(NOW)).isTrue();
  }
}
