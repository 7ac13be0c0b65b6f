package dev.areaflow.ingest.schedules;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.expressions.clock.ClockSchedule;
import dev.areaflow.ingest.schedules.Schedule.Due;
import dev.areaflow.schemas.rows.HookRow;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
  private static final Instant START = Instant.parse("2026-03-02T10:00:00Z");

  @Test
  void oneScanFiresAHundredInstantsAndTheNextGoesOnAfterThem() {
    // given
    ClockSchedule everySecond =
        ClockSchedule.of("interval", JsonNodeFactory.instance.objectNode().put("every", "PT1S"));
    HookRow row =
        new HookRow(
            "hook",
            "owner",
            "timer",
            "interval",
            "{}",
            1,
            null,
            1,
            true,
            START,
            null,
            null,
            null,
            0,
            false);
    Schedule schedule = new Schedule(row, START, START.plusSeconds(1));
    Instant now = START.plusSeconds(150);

    // when
    Due first = schedule.due(everySecond, START, now);
    Due second = first.rest().due(everySecond, START, now);

    // then
    assertThat(first.instants()).hasSize(100).last().isEqualTo(START.plusSeconds(100));
    assertThat(first.rest().next()).isEqualTo(START.plusSeconds(101));
    assertThat(second.instants()).hasSize(50).first().isEqualTo(START.plusSeconds(101));
    assertThat(second.rest().next()).isEqualTo(START.plusSeconds(151));
  }
}
