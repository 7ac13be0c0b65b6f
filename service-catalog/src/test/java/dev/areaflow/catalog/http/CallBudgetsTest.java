package dev.areaflow.catalog.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class CallBudgetsTest {
  private static final Optional<String> ONE = Optional.of("one");
  private static final Optional<String> OTHER = Optional.of("other");
  private static final Duration HOUR = Duration.ofHours(1);

  private long nanos = -5;

  @Test
  void noTimeAsLongAsTheWindowHasMoreCallsThanTheLimit() {
    // given
    CallBudgets budgets = budgets(1);
    List<CallLimit> limits = List.of(connection(100));
    List<Long> taken = new ArrayList<>();

    // when
    for (int second = 0; second < 3 * 3_600; second++) {
      for (int i = 0; i < 3; i++) {
        if (budgets.take("s", limits, ONE).isEmpty()) {
          taken.add(nanos);
        }
      }
      pass(Duration.ofSeconds(1));
    }

    // then
    assertThat(taken).hasSizeBetween(250, 300);
    assertThat(
            IntStream.range(100, taken.size())
                .filter(i -> taken.get(i) - taken.get(i - 100) < HOUR.toNanos()))
        .isEmpty();
  }

  @Test
  void callsThatArePutOffComeBackOneAfterTheOtherAndAreTaken() {
    // given
    CallBudgets budgets = budgets(1);
    List<CallLimit> limits = List.of(connection(100));
    while (budgets.take("s", limits, ONE).isEmpty()) {
      // takes what there is at once
    }

    // when
    List<Duration> waits =
        IntStream.range(0, 10).mapToObj(i -> budgets.take("s", limits, ONE).orElseThrow()).toList();

    // then
    assertThat(waits).isSorted().doesNotHaveDuplicates();
    assertThat(waits.getLast()).isLessThan(Duration.ofMinutes(10));
    Duration passed = Duration.ZERO;
    for (Duration wait : waits) {
      pass(wait.minus(passed));
      passed = wait;
      assertThat(budgets.take("s", limits, ONE)).isEmpty();
    }
  }

  @Test
  void oneConnectionsCallsCostAnotherNothing() {
    // given
    CallBudgets budgets = budgets(1);
    List<CallLimit> limits = List.of(connection(1));

    // when
    budgets.take("s", limits, ONE);

    // then
    assertThat(budgets.take("s", limits, ONE)).hasValue(HOUR);
    assertThat(budgets.take("s", limits, OTHER)).isEmpty();
    assertThat(budgets.take("s", limits, Optional.empty())).isEmpty();
    assertThat(budgets.take("t", limits, ONE)).isEmpty();
  }

  @Test
  void aCallThatOneLimitForbidsCostsTheOthersNothing() {
    // given
    CallBudgets budgets = budgets(1);
    CallLimit all = new CallLimit(CallLimit.Scope.SERVICE, 2, HOUR);
    List<CallLimit> limits = List.of(all, connection(1));

    // when
    budgets.take("s", List.of(connection(1)), ONE);
    Optional<Duration> forbidden = budgets.take("s", limits, ONE);

    // then
    assertThat(forbidden).isPresent();
    assertThat(budgets.take("s", limits, OTHER)).isEmpty();
    assertThat(budgets.take("s", List.of(all), ONE)).isPresent();
  }

  @Test
  void whatIsOwedIsPaidBeforeTheNextCall() {
    // given
    CallBudgets budgets = budgets(1);
    List<CallLimit> limits = List.of(connection(10));
    budgets.take("s", limits, ONE);

    // when
    for (int page = 0; page < 9; page++) {
      budgets.owe("s", limits, ONE);
    }
    pass(Duration.ofMinutes(50));

    // then
    assertThat(budgets.take("s", limits, ONE)).isPresent();
    pass(Duration.ofMinutes(20));
    assertThat(budgets.take("s", limits, ONE)).isEmpty();
  }

  @Test
  void whatAServiceRefusesIsNotTriedBeforeItsTime() {
    // given
    CallBudgets budgets = budgets(1);

    // when
    budgets.refused("s", ONE, Duration.ofMinutes(5));
    Duration first = budgets.take("s", List.of(), ONE).orElseThrow();
    Duration second = budgets.take("s", List.of(), ONE).orElseThrow();

    // then
    assertThat(first).isBetween(Duration.ofMinutes(5), Duration.ofSeconds(301));
    assertThat(second).isGreaterThan(first);
    assertThat(budgets.take("s", List.of(), OTHER)).isEmpty();
    pass(first);
    assertThat(budgets.take("s", List.of(), ONE)).isEmpty();
  }

  @Property(tries = 50)
  void allCallersTogetherStayWithinTheLimit(
      @ForAll @IntRange(min = 1, max = 8) int callers,
      @ForAll @IntRange(min = 8, max = 500) int limit) {
    // given
    nanos = 0;
    List<CallBudgets> all = IntStream.range(0, callers).mapToObj(i -> budgets(callers)).toList();
    List<CallLimit> limits = List.of(connection(limit));

    // when
    int taken = 0;
    for (int minute = 0; minute < 60; minute++) {
      for (CallBudgets budgets : all) {
        while (budgets.take("s", limits, ONE).isEmpty()) {
          taken++;
        }
      }
      pass(Duration.ofMinutes(1));
    }

    // then
    assertThat(taken).isBetween(1, limit);
  }

  private CallBudgets budgets(int callers) {
    return new CallBudgets(callers, () -> nanos);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  private static CallLimit connection(int calls) {
    return new CallLimit(CallLimit.Scope.CONNECTION, calls, HOUR);
  }
}
