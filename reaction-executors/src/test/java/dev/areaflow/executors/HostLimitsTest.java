package dev.areaflow.executors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.executors.HostLimits.Entry;
import dev.areaflow.executors.HostLimits.Entry.Admitted;
import dev.areaflow.executors.HostLimits.Entry.TurnedAway;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HostLimitsTest {
  private final AtomicLong nanos = new AtomicLong(42);

  @Test
  void callsAtOnceAreLimitedPerHost() {
    // given
    HostLimits limits = limits(2, 2, 100);
    Entry first = limits.enter("a:443");
    limits.enter("a:443");

    // when
    Entry third = limits.enter("a:443");

    // then
    assertThat(third).isInstanceOf(TurnedAway.class);
    assertThat(((TurnedAway) third).reason()).contains("a:443", "2 calls");
    assertThat(limits.enter("b:443")).isInstanceOf(Admitted.class);
    ((Admitted) first).close();
    assertThat(limits.enter("a:443")).isInstanceOf(Admitted.class);
  }

  @Test
  void callsPerSecondAreLimited() {
    // given
    HostLimits limits = limits(100, 100, 3);
    IntStream.range(0, 3).forEach(call -> ((Admitted) limits.enter("a:80")).close());

    // when
    Entry over = limits.enter("a:80");

    // then
    assertThat(over).isInstanceOf(TurnedAway.class);
    advance(Duration.ofSeconds(1));
    assertThat(limits.enter("a:80")).isInstanceOf(Admitted.class);
  }

  @Test
  void aSlowHostGetsNoFurtherCallsUntilOneEnds() {
    // given
    HostLimits limits = limits(100, 2, 100);
    Entry slow = limits.enter("a:80");
    limits.enter("a:80");
    assertThat(limits.enter("a:80")).isInstanceOf(Admitted.class);

    // when
    advance(Duration.ofSeconds(3));

    // then
    assertThat(limits.enter("a:80")).isInstanceOf(TurnedAway.class);
    ((Admitted) slow).close();
    assertThat(limits.enter("a:80")).isInstanceOf(TurnedAway.class);
    assertThat(limits.enter("b:80")).isInstanceOf(Admitted.class);
  }

  @Test
  void whatIsTurnedAwayComesBackSpreadOverTime() {
    // given
    HostLimits limits = limits(10, 10, 100);
    IntStream.range(0, 10).forEach(call -> limits.enter("a:80"));

    // when
    List<Duration> waits =
        IntStream.range(0, 1_000)
            .mapToObj(call -> ((TurnedAway) limits.enter("a:80")).retryAfter())
            .toList();

    // then
    assertThat(waits.getFirst()).isEqualTo(Duration.ofSeconds(1));
    assertThat(waits).isSorted();
    assertThat(waits.get(100)).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(12));
    assertThat(waits.getLast()).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void ofThePlacesThatAreLeftAHostGetsHalfSoThatHangingOnesDoNotTakeThemAll() {
    // given
    HostLimits limits = new HostLimits(new HostLimits.Limits(100, 100, 10_000, 256), nanos::get);

    // when
    List<Integer> taken =
        IntStream.range(0, 6).mapToObj(host -> enterUntilTurnedAway(limits, "h" + host)).toList();

    // then
    assertThat(taken).containsExactly(85, 57, 38, 25, 17, 11);
    assertThat(limits.enter("another")).isInstanceOf(Admitted.class);
  }

  private static int enterUntilTurnedAway(HostLimits limits, String host) {
    int calls = 0;
    while (limits.enter(host) instanceof Admitted) {
      calls++;
    }
    return calls;
  }

  @Test
  void whatEndsGivesItsPlaceBackOnce() {
    // given
    HostLimits limits = new HostLimits(new HostLimits.Limits(100, 100, 10_000, 19), nanos::get);
    Admitted call = (Admitted) limits.enter("a");

    // when
    call.close();
    call.close();

    // then
    assertThat(enterUntilTurnedAway(limits, "b")).isEqualTo(6);
  }

  private HostLimits limits(int calls, int slowCalls, int callsPerSecond) {
    return new HostLimits(
        new HostLimits.Limits(calls, slowCalls, callsPerSecond, 1_000), nanos::get);
  }

  private void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
