package dev.areaflow.expressions.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ClockScheduleTest {

  @ParameterizedTest
  @CsvSource({
    "'30 9 * * 1-5', UTC,              2026-03-06T09:30:00Z, 2026-03-09T09:30:00Z",
    "'30 9 * * MON-FRI', UTC,          2026-03-06T09:29:59Z, 2026-03-06T09:30:00Z",
    "'*/15 * * * *', UTC,              2026-03-06T09:15:00.001Z, 2026-03-06T09:30:00Z",
    "'0 0 1 1 *',    UTC,              2026-01-01T00:00:00Z, 2027-01-01T00:00:00Z",
    "'0 0 29 2 *',   UTC,              2026-01-01T00:00:00Z, 2028-02-29T00:00:00Z",
    "'0 12 * * 0',   UTC,              2026-03-06T00:00:00Z, 2026-03-08T12:00:00Z",
    "'0 12 * * 7',   UTC,              2026-03-06T00:00:00Z, 2026-03-08T12:00:00Z",
    "'0 9 * * *',    Europe/Berlin,    2026-01-10T00:00:00Z, 2026-01-10T08:00:00Z",
    "'0 9 * * *',    Europe/Berlin,    2026-07-10T00:00:00Z, 2026-07-10T07:00:00Z",
    "'0 9 * * *',    Asia/Kathmandu,   2026-07-10T00:00:00Z, 2026-07-10T03:15:00Z",
    "'0 0 13 * 5',   UTC,              2026-03-01T00:00:00Z, 2026-03-06T00:00:00Z",
  })
  void cronFindsTheNextMinute(String cron, String zone, Instant after, Instant expected) {
    assertThat(cron(cron, zone).next(after)).contains(expected);
  }

  @ParameterizedTest(name = "{0} in {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        // the hour from 02:00 to 03:00 is skipped at 01:00Z
        "30 2 * * *   | Europe/Berlin | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z",
        "0 2 * * *    | Europe/Berlin | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z 2026-03-30T00:00:00Z",
        "*/20 2 * * * | Europe/Berlin | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z 2026-03-30T00:00:00Z",
        "0 3 * * *    | Europe/Berlin | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z 2026-03-30T01:00:00Z",
        "30 * * * *   | Europe/Berlin | 2026-03-29T00:00:00Z | 2026-03-29T00:30:00Z 2026-03-29T01:30:00Z",
        // the hour from 02:00 to 03:00 comes twice, from 00:00Z and from 01:00Z
        "30 2 * * *   | Europe/Berlin | 2026-10-24T12:00:00Z | 2026-10-25T00:30:00Z 2026-10-26T01:30:00Z",
        "30 2 * * *   | Europe/Berlin | 2026-10-25T00:45:00Z | 2026-10-26T01:30:00Z",
        "0 3 * * *    | Europe/Berlin | 2026-10-24T12:00:00Z | 2026-10-25T02:00:00Z 2026-10-26T02:00:00Z",
        "30 * * * *   | Europe/Berlin | 2026-10-25T00:00:00Z | 2026-10-25T00:30:00Z 2026-10-25T01:30:00Z 2026-10-25T02:30:00Z",
        // half an hour at a time
        "15 2 * * *   | Australia/Lord_Howe | 2026-10-03T00:00:00Z | 2026-10-03T15:30:00Z 2026-10-04T15:15:00Z",
        // a whole day is skipped
        "0 12 30 12 * | Pacific/Apia  | 2011-12-28T00:00:00Z | 2011-12-30T10:00:00Z 2012-12-29T22:00:00Z",
      })
  void cronFiresOnceWhereClocksChange(String cron, String zone, Instant after, String expected) {
    // given
    ClockSchedule clock = cron(cron.strip(), zone.strip());
    List<Instant> instants = List.of(expected.split(" ")).stream().map(Instant::parse).toList();

    // when
    List<Instant> found = new ArrayList<>();
    Instant at = after;
    for (int i = 0; i < instants.size(); i++) {
      at = clock.next(at).orElseThrow();
      found.add(at);
    }

    // then
    assertThat(found).isEqualTo(instants);
    assertThat(clock.newest(after, at)).contains(at);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*/7 * * * *    | Europe/Berlin",
        "0 */3 * * *    | America/New_York",
        "30 2 * * *     | Europe/Berlin",
        "5,35 1-3 * * * | America/New_York",
        "15 2 * * 0     | Australia/Lord_Howe",
        "0 0 1 * *      | America/Sao_Paulo",
        "59 23 31 12 *  | Pacific/Apia",
        "0 6 * * 1-5    | UTC",
      })
  void theNewestOfARangeIsTheLastThatNextFinds(String cron, String zone) {
    ClockSchedule clock = cron(cron.strip(), zone.strip());
    Random random = new Random(7);
    for (int i = 0; i < 60; i++) {
      // given a range around one of the year's changes, or anywhere in it
      Instant middle =
          i % 2 == 0
              ? Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextInt(365 * 86_400))
              : ZoneId.of(zone.strip())
                      .getRules()
                      .getOffset(Instant.EPOCH)
                      .equals(ZoneId.of("UTC").getRules().getOffset(Instant.EPOCH))
                  ? Instant.parse("2026-03-29T01:00:00Z")
                  : Optional.ofNullable(
                          ZoneId.of(zone.strip())
                              .getRules()
                              .previousTransition(Instant.parse("2026-12-01T00:00:00Z")))
                      .orElseThrow()
                      .getInstant();
      Instant after = middle.minusSeconds(random.nextInt(2 * 86_400));
      Instant until = middle.plusSeconds(random.nextInt(2 * 86_400));

      // when
      Optional<Instant> newest = clock.newest(after, until);

      // then
      Optional<Instant> last = Optional.empty();
      Optional<Instant> next = clock.next(after);
      while (next.isPresent() && !next.get().isAfter(until)) {
        assertThat(next.get()).isAfter(last.orElse(after));
        last = next;
        next = clock.next(next.get());
      }
      assertThat(newest).as("%s to %s", after, until).isEqualTo(last);
    }
  }

  @Test
  void everyMinuteOfAYearMatchesAsLocalTimeSaysInAZoneWithoutChanges() {
    // given an expression that a plain reading of the calendar can check
    ClockSchedule clock = cron("*/20 8-9 1-7 */2 *", "Asia/Tokyo");

    // when
    List<LocalDateTime> found = new ArrayList<>();
    Instant at = Instant.parse("2025-12-31T15:00:00Z").minusSeconds(1);
    Instant end = Instant.parse("2026-12-31T15:00:00Z");
    while (true) {
      at = clock.next(at).orElseThrow();
      if (!at.isBefore(end)) {
        break;
      }
      found.add(LocalDateTime.ofInstant(at, ZoneId.of("Asia/Tokyo")));
    }

    // then
    List<LocalDateTime> expected = new ArrayList<>();
    for (LocalDateTime time = LocalDateTime.of(2026, 1, 1, 0, 0);
        time.getYear() == 2026;
        time = time.plusMinutes(1)) {
      if (time.getMinute() % 20 == 0
          && time.getHour() >= 8
          && time.getHour() <= 9
          && time.getDayOfMonth() <= 7
          && time.getMonthValue() % 2 == 1) {
        expected.add(time);
      }
    }
    assertThat(found).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "a b c d e",
        "@daily",
        "0 0 31 2 *",
        "0|30 * * * *",
        "0 8|20 * * *",
        "0 0 8||20 * * *",
        "*|*|*|*|* * * * *"
      })
  void aBadCronIsNamed(String cron) {
    assertThatThrownBy(() -> cron(cron, "UTC"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("cron: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Mars/Olympus", "", "+99:00", "../etc"})
  void aBadTimezoneIsNamed(String zone) {
    assertThatThrownBy(() -> cron("* * * * *", zone))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("timezone: ");
  }

  @Test
  void catchUpIsLastUnlessItIsNone() {
    assertThat(ClockSchedule.of("cron", inputs("cron", "* * * * *")).catchUp())
        .isEqualTo(CatchUp.LAST);
    assertThat(
            ClockSchedule.of("cron", inputs("cron", "* * * * *").put("catchUp", "none")).catchUp())
        .isEqualTo(CatchUp.NONE);
    assertThatThrownBy(
            () -> ClockSchedule.of("cron", inputs("cron", "* * * * *").put("catchUp", "all")))
        .hasMessageStartingWith("catchUp: ");
  }

  @ParameterizedTest
  @CsvSource({
    "PT5M,   2026-03-06T09:15:00Z,     2026-03-06T09:20:00Z",
    "PT5M,   2026-03-06T09:14:59.999Z, 2026-03-06T09:15:00Z",
    "PT1S,   2026-03-06T09:15:00.5Z,   2026-03-06T09:15:01Z",
    "P1D,    2026-03-06T09:15:00Z,     2026-03-07T00:00:00Z",
    "PT7M,   1970-01-01T00:00:00Z,     1970-01-01T00:07:00Z",
  })
  void anIntervalFiresAtItsMultiplesSinceTheEpoch(String every, Instant after, Instant expected) {
    // given
    ClockSchedule clock = ClockSchedule.of("interval", inputs("every", every));

    // then
    assertThat(clock.next(after)).contains(expected);
    assertThat(clock.newest(after, expected)).contains(expected);
    assertThat(clock.newest(after, expected.minusNanos(1))).isEmpty();
    assertThat(clock.newest(expected.minus(Duration.parse(every)), expected)).contains(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5m", "PT0S", "PT0.5S", "PT1.5S", "-PT5M", "P367D", "P1M"})
  void aBadIntervalIsNamed(String every) {
    assertThatThrownBy(() -> ClockSchedule.of("interval", inputs("every", every)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("every: ");
  }

  @Test
  void atFiresOnce() {
    // given
    Instant time = Instant.parse("2026-03-06T08:00:00Z");
    ClockSchedule clock = ClockSchedule.of("at", inputs("time", "2026-03-06T09:00:00+01:00"));

    // then
    assertThat(clock.next(time.minusSeconds(1))).contains(time);
    assertThat(clock.next(time)).isEmpty();
    assertThat(clock.newest(time.minusSeconds(1), time)).contains(time);
    assertThat(clock.newest(time, time.plusSeconds(9))).isEmpty();
    assertThat(clock.newest(time.minusSeconds(9), time.minusSeconds(1))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "tomorrow", "2026-03-06", "2026-03-06T09:00:00", "2026-13-06T09:00:00Z"})
  void aBadTimeIsNamed(String time) {
    assertThatThrownBy(() -> ClockSchedule.of("at", inputs("time", time)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("time: ");
  }

  private static ClockSchedule cron(String cron, String zone) {
    return ClockSchedule.of("cron", inputs("cron", cron).put("timezone", zone));
  }

  private static ObjectNode inputs(String name, String value) {
    return JsonNodeFactory.instance.objectNode().put(name, value);
  }
}
