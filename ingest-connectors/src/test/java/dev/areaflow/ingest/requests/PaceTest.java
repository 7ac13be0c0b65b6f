package dev.areaflow.ingest.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PaceTest {
  private static final long BEGUN = Long.MAX_VALUE - 5; // clocks of nanoseconds may overflow

  private static long after(long millis) {
    return BEGUN + Duration.ofMillis(millis).toNanos();
  }

  @Test
  void theFirstIsDueAtOnceAndTheNextAfterItsShareOfASecond() {
    // given
    Pace pace = new Pace(10, BEGUN);

    // when
    int first = pace.due(BEGUN);
    pace.spend(first, BEGUN);

    // then
    assertThat(first).isEqualTo(1);
    assertThat(pace.due(after(99))).isZero();
    assertThat(pace.due(after(100))).isEqualTo(1);
    assertThat(pace.due(after(350))).isEqualTo(3);
  }

  @Test
  void soManyASecondAreDueHoweverOftenItIsAsked() {
    // given
    Pace pace = new Pace(10, BEGUN);

    // when
    int written = 0;
    for (int millis = 0; millis < 3_000; millis += 7) {
      int due = pace.due(after(millis));
      pace.spend(due, after(millis));
      written += due;
    }

    // then
    assertThat(written).isEqualTo(30);
  }

  @Test
  void aPauseIsMadeUpForByASecondsWorthAtMost() {
    // given
    Pace pace = new Pace(4, BEGUN);

    // when
    int due = pace.due(after(60_000));
    pace.spend(due, after(60_000));

    // then
    assertThat(due).isEqualTo(4);
    assertThat(pace.due(after(60_000))).isZero();
    assertThat(pace.due(after(60_250))).isEqualTo(1);
  }

  @Test
  void whatIsNotSpentStaysDue() {
    // given
    Pace pace = new Pace(1, BEGUN);

    // when
    pace.spend(0, after(400));

    // then
    assertThat(pace.due(after(400))).isEqualTo(1);
  }
}
