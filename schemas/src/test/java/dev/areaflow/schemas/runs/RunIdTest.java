package dev.areaflow.schemas.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunIdTest {
  private static final Instant RECEIVED = Instant.parse("2026-07-01T10:00:00.123Z");

  @Test
  void decidingTheSameAgainGivesTheSameId() {
    // given
    RunId first = RunId.of(RECEIVED, "area", 3, "hook", "event", 0);

    // when
    RunId second = RunId.of(RECEIVED, "area", 3, "hook", "event", 0);

    // then
    assertThat(second).isEqualTo(first);
    assertThat(second).hasToString("019f1d1f-057b-8505-8cd0-43c938afeef2");
  }

  @Test
  void anythingElseGivesAnotherId() {
    // given
    RunId id = RunId.of(RECEIVED, "area", 3, "hook", "event", 0);

    // when
    var others =
        List.of(
            RunId.of(RECEIVED.plusMillis(1), "area", 3, "hook", "event", 0),
            RunId.of(RECEIVED, "area2", 3, "hook", "event", 0),
            RunId.of(RECEIVED, "area", 4, "hook", "event", 0),
            RunId.of(RECEIVED, "area", 3, "hook2", "event", 0),
            RunId.of(RECEIVED, "area", 3, "hook", "event2", 0),
            RunId.of(RECEIVED, "area", 3, "hoo", "kevent", 0),
            RunId.of(RECEIVED, "area", 3, "hook", "event", 1));

    // then
    assertThat(others).doesNotContain(id).doesNotHaveDuplicates();
  }

  @Test
  void theIdLeadsBackToTheTime() {
    // given
    RunId id = RunId.of(RECEIVED, "area", 3, "hook", "event", 0);

    // when
    RunId read = RunId.parse(id.toString());

    // then
    assertThat(read.startedAt()).isEqualTo(RECEIVED);
  }

  @Test
  void idsSortByTimeAsTheirTextsDo() {
    // given
    RunId early = RunId.of(RECEIVED, "area", 3, "hook", "event", 0);

    // when
    RunId late = RunId.of(RECEIVED.plusMillis(1), "area", 1, "hook", "a", 0);

    // then
    assertThat(early).isLessThan(late);
    assertThat(early.toString()).isLessThan(late.toString());
  }

  @Test
  void anotherUuidIsRefused() {
    assertThatThrownBy(() -> RunId.parse("c56a4180-65aa-42ec-a945-5fd21dec0538"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("run id");
  }
}
