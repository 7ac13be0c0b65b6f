package dev.areaflow.executors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.executors.Breakers.Entry;
import dev.areaflow.executors.Breakers.Entry.KeptAway;
import dev.areaflow.executors.Breakers.Entry.Passed;
import dev.areaflow.executors.Breakers.Permit;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BreakersTest {
  private static final Breakers.Key KEY = new Breakers.Key("a.example:443", "connection-1");
  private static final Breakers.Limits LIMITS =
      new Breakers.Limits(
          10, 70, Duration.ofMinutes(5), Duration.ofSeconds(30), Duration.ofMinutes(10));

  private final AtomicLong nanos = new AtomicLong(-7);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ExecutorMetrics metrics = new ExecutorMetrics(meters, new InFlight(1, 1));
  private final Breakers breakers = new Breakers(LIMITS, metrics, nanos::get);

  @Test
  void itOpensWhenSevenOfTenCallsFailed() {
    // given
    calls(3, true);
    calls(6, false);

    // when
    boolean before = passes();
    calls(1, false);

    // then
    assertThat(before).isTrue();
    assertThat(breakers.enter(KEY))
        .isInstanceOfSatisfying(
            KeptAway.class,
            kept -> {
              assertThat(kept.retryAfter()).isEqualTo(Duration.ofSeconds(30));
              assertThat(kept.reason())
                  .isEqualTo(
                      "a.example:443 does not work: 7 of its last 10 calls failed; it is called"
                          + " again when it may work");
            });
  }

  @Test
  void itStaysClosedWhileFewerFail() {
    // when
    calls(40, true);
    calls(90, false);

    // then
    assertThat(passes()).isTrue();
  }

  @Test
  void nineFailuresAreTooFewToSay() {
    // when
    calls(9, false);

    // then
    assertThat(passes()).isTrue();
  }

  @Test
  void whatIsLongPastDoesNotCount() {
    // given
    calls(9, false);

    // when
    advance(Duration.ofMinutes(6));
    calls(9, false);

    // then
    assertThat(passes()).isTrue();
    calls(1, false);
    assertThat(passes()).isFalse();
  }

  @Test
  void othersAreNotKeptAway() {
    // when
    calls(10, false);

    // then
    assertThat(breakers.enter(new Breakers.Key("a.example:443", "connection-2")))
        .isInstanceOf(Passed.class);
    assertThat(breakers.enter(new Breakers.Key("b.example:443", "connection-1")))
        .isInstanceOf(Passed.class);
  }

  @Test
  void afterHalfAMinuteOneCallTriesAndItsAnswerOpensTheWay() {
    // given
    calls(10, false);
    advance(Duration.ofSeconds(30));

    // when
    Permit trial = ((Passed) breakers.enter(KEY)).permit();
    Entry meanwhile = breakers.enter(KEY);
    trial.tell(true);
    trial.close();

    // then
    assertThat(meanwhile)
        .isInstanceOfSatisfying(
            KeptAway.class, kept -> assertThat(kept.retryAfter()).isEqualTo(Duration.ofSeconds(5)));
    assertThat(passes()).isTrue();
    calls(9, false);
    assertThat(passes()).as("it counts anew").isTrue();
  }

  @Test
  void eachTrialThatFailsDoublesTheWaitUpToTenMinutes() {
    // given
    calls(10, false);

    // when
    List<Long> waits = IntStream.range(0, 7).mapToObj(trial -> secondsUntilTried()).toList();

    // then
    assertThat(waits).containsExactly(30L, 60L, 120L, 240L, 480L, 600L, 600L);
    assertThat(meters.counter("areaflow.executors.breakers.opened").count()).isEqualTo(8);
  }

  /** How long calls are kept away; the call that tries then fails. */
  private long secondsUntilTried() {
    for (int waited = 0; ; waited++) {
      if (breakers.enter(KEY) instanceof Passed(var trial)) {
        trial.tell(false);
        trial.close();
        return waited;
      }
      advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void aTrialThatWasNoCallLeavesTheTrialToTheNext() {
    // given
    calls(10, false);
    advance(Duration.ofSeconds(30));

    // when
    ((Passed) breakers.enter(KEY)).permit().close();

    // then
    assertThat(breakers.enter(KEY)).isInstanceOf(Passed.class);
    assertThat(passes()).isFalse();
  }

  @Test
  void whatEndsAfterItOpenedNeitherOpensItForLongerNorClosesIt() {
    // given
    Permit early = ((Passed) breakers.enter(KEY)).permit();
    Permit late = ((Passed) breakers.enter(KEY)).permit();
    calls(10, false);

    // when
    early.tell(true);
    boolean afterSuccess = passes();
    advance(Duration.ofSeconds(30));
    Entry trial = breakers.enter(KEY);
    late.tell(false);
    late.close();

    // then
    assertThat(afterSuccess).isFalse();
    assertThat(trial).isInstanceOf(Passed.class);
    ((Passed) trial).permit().tell(true);
    assertThat(passes()).isTrue();
  }

  @Test
  void whoIsKeptAwayComesBackOneAfterTheOther() {
    // given
    calls(10, false);

    // when
    List<Duration> waits =
        IntStream.range(0, 3_000)
            .mapToObj(call -> ((KeptAway) breakers.enter(KEY)).retryAfter())
            .toList();

    // then
    assertThat(waits).isSorted();
    assertThat(waits.get(20)).isEqualTo(Duration.ofSeconds(31));
    assertThat(waits.getLast()).isEqualTo(Duration.ofSeconds(90));
    assertThat(meters.counter("areaflow.executors.breakers.deferred").count()).isEqualTo(3_000);
  }

  @Test
  void howManyAreOpenIsShown() {
    // given
    metrics.watch(breakers);

    // when
    calls(10, false);

    // then
    assertThat(meters.get("areaflow.executors.breakers.open").gauge().value()).isEqualTo(1);
  }

  private void calls(int count, boolean work) {
    for (int i = 0; i < count; i++) {
      try (Permit permit = ((Passed) breakers.enter(KEY)).permit()) {
        permit.tell(work);
      }
    }
  }

  private boolean passes() {
    Entry entry = breakers.enter(KEY);
    if (entry instanceof Passed(var permit)) {
      permit.close();
      return true;
    }
    return false;
  }

  private void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
  }
}
