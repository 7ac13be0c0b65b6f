package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.START;
import static dev.areaflow.topology.Harness.area;
import static dev.areaflow.topology.Harness.event;
import static dev.areaflow.topology.Harness.plan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.schemas.runs.RunId;
import dev.areaflow.topology.rows.HomeKey;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From an event to its command, its run and its verdicts. */
final class MatchingTest {
  @TempDir private Path directory;
  private Harness topology;

  @BeforeEach
  void open() {
    topology = new Harness(directory);
  }

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void aMatchIssuesOneCommandAndBeginsARun() {
    // given
    topology.define(area(3, "event.title == 'bug'"));

    // when
    topology.happen(event("e1", "{\"title\":\"bug\"}"));

    // then
    Command command = topology.command();
    assertThat(command.getHome()).isEqualTo(HOOK);
    assertThat(command.getAttempt()).isEqualTo(1);
    assertThat(command.getNotAfter()).isEqualTo(START.plusSeconds(60));
    assertThat(command.getId()).isEqualTo(command.getRunId() + ".notify");
    assertThat(Harness.inputs(command).get("text").asText()).isEqualTo("bug");
    assertThat(topology.runs())
        .singleElement()
        .satisfies(
            run -> {
              assertThat(run.getStatus()).isEqualTo(RunStatus.RUNNING);
              assertThat(run.getRunId()).isEqualTo(command.getRunId());
              assertThat(run.getStartedAt()).isEqualTo(START);
              assertThat(RunId.parse(run.getRunId()).startedAt()).isEqualTo(START);
              assertThat(run.getAreaVersion()).isEqualTo(3);
              assertThat(run.getEventPartition()).isZero();
              assertThat(run.getEventOffset()).isZero();
              assertThat(run.getTransition()).isZero();
            });
  }

  @Test
  void anOutcomeFinishesTheRun() {
    // given
    topology.define(area(1, null));
    topology.happen(event("e1", "{\"title\":\"bug\"}"));
    topology.runs();

    // when
    topology.succeed(topology.command());

    // then
    assertThat(topology.runs())
        .singleElement()
        .satisfies(
            run -> {
              assertThat(run.getStatus()).isEqualTo(RunStatus.SUCCEEDED);
              assertThat(run.getTransition()).isEqualTo(1);
              assertThat(run.getFinishedAt()).contains(START);
              assertThat(run.getSteps().getFirst().getResponseStatus()).contains(200);
            });
    assertThat(topology.driver().getKeyValueStore(TaskStores.RUNS).approximateNumEntries())
        .isZero();
  }

  @Test
  void anEventThatTheConditionRefusesIsFiltered() {
    // given
    topology.define(area(1, "event.title == 'bug'"));

    // when
    topology.happen(event("e1", "{\"title\":\"feature\"}"));

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.runStatuses()).containsExactly(RunStatus.FILTERED);
  }

  @Test
  void aConditionThatCannotBeEvaluatedIsNoMatchAndSaysWhy() {
    // given
    topology.define(area(1, "event.issue.title == 'bug'"));

    // when
    topology.happen(event("e1", "{\"title\":\"bug\"}"));

    // then
    assertThat(topology.commands()).isEmpty();
    RunRecord verdict = topology.runs().getFirst();
    assertThat(verdict.getStatus()).isEqualTo(RunStatus.ERROR);
    assertThat(verdict.getDetail().orElseThrow()).contains("issue");
  }

  @Test
  void aTemplateThatFailsIsAFailedRunWithoutAnyCommand() {
    // given
    topology.define(
        area(
            Harness.AREA,
            HOOK,
            1,
            plan(null, "works", "${event.title}", "fails", "${event.nothing}"),
            true));

    // when
    topology.happen(event("e1", "{\"title\":\"bug\"}"));

    // then
    assertThat(topology.commands()).isEmpty();
    RunRecord run = topology.runs().getFirst();
    assertThat(run.getStatus()).isEqualTo(RunStatus.FAILED);
    assertThat(run.getFinishedAt()).isPresent();
    assertThat(run.getSteps().getFirst().getStatus()).isEqualTo(StepStatus.SKIPPED);
    assertThat(run.getSteps().getLast().getStatus()).isEqualTo(StepStatus.FAILED);
    assertThat(run.getSteps().getLast().getErrorClass()).contains(ErrorClass.PERMANENT);
    assertThat(run.getSteps().getLast().getErrorMessage().orElseThrow()).contains("nothing");
  }

  @Test
  void everyAreaAtTheHookDecidesForItself() {
    // given
    topology.define(area("area-1", HOOK, 1, plan("event.n > 1", "s", "a"), true));
    topology.define(area("area-2", HOOK, 1, plan("event.n > 5", "s", "b"), true));
    topology.define(area("area-3", HOOK, 1, plan(null, "s", "c", "t", "d"), true));
    topology.define(area("area-4", "hook-10", 1, plan(null, "s", "e"), true));

    // when
    topology.happen(event("e1", "{\"n\":3}"));

    // then
    assertThat(topology.commands().stream().map(c -> Harness.inputs(c).get("text").asText()))
        .containsExactly("a", "c", "d");
    assertThat(topology.runStatuses())
        .containsExactly(RunStatus.RUNNING, RunStatus.FILTERED, RunStatus.RUNNING);
  }

  @Test
  void anEventWithoutAnAreaLeavesNoTrace() {
    // when
    topology.happen(event("e1", "not even JSON"));

    // then
    assertThat(topology.runs()).isEmpty();
    assertThat(topology.deadLetters()).isEmpty();
    assertThat(topology.counted("areaflow.topology.events.unmatched")).isEqualTo(1);
  }

  @Test
  void aRepeatedDeliveryIsADuplicate() {
    // given
    topology.define(area(1, null));
    topology.happen(event("e1", "{\"title\":\"bug\"}"));
    topology.commands();
    topology.runs();

    // when
    topology.happen(event("e1", "{\"title\":\"bug\"}"));

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.runStatuses()).containsExactly(RunStatus.DUPLICATE);
  }

  @Test
  void aRepeatedDeliveryIsADuplicateOnlyWhereItWouldMatch() {
    // given
    topology.define(area("area-1", HOOK, 1, plan("event.n > 1", "s", "a"), true));
    topology.define(area("area-2", HOOK, 1, plan("event.n > 5", "s", "b"), true));
    topology.happen(event("e1", "{\"n\":3}"));
    topology.commands();
    topology.runs();

    // when
    topology.happen(event("e1", "{\"n\":3}"));

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.runStatuses()).containsExactly(RunStatus.DUPLICATE, RunStatus.FILTERED);
  }

  @Test
  void aDeliveryOfAnUnknownSourceMayRepeat() {
    // given
    topology.define(area(1, null));
    topology.happen(event("e1", HOOK, EventSource.UNKNOWN, "{\"title\":\"bug\"}"));

    // when
    topology.happen(event("e1", HOOK, EventSource.UNKNOWN, "{\"title\":\"bug\"}"));

    // then
    assertThat(topology.commands()).hasSize(1);
  }

  @Test
  void theSameIdAtAnotherHookIsAnotherEvent() {
    // given
    topology.define(area(1, null));
    topology.define(area("area-2", "hook-2", 1, plan(null, "s", "x"), true));
    topology.happen(event("e1", "{\"title\":\"bug\"}"));
    topology.commands();

    // when
    topology.happen(event("e1", "hook-2", EventSource.WEBHOOK, "{\"title\":\"bug\"}"));

    // then
    assertThat(topology.commands()).hasSize(1);
  }

  @Test
  void anEventThatMatchedNothingIsNotRemembered() {
    // given
    topology.define(area(1, "event.title == 'bug'"));
    topology.happen(event("e1", "{\"title\":\"feature\"}"));
    topology.runs();

    // when
    topology.happen(event("e1", "{\"title\":\"feature\"}"));

    // then
    assertThat(topology.runStatuses()).containsExactly(RunStatus.FILTERED);
  }

  @Test
  void clocksAndPollsAreExactlyOnceAlready() {
    // given
    topology.define(area(1, null));
    topology.happen(event("e1", HOOK, EventSource.CLOCK, "{\"title\":\"bug\"}"));

    // when
    topology.happen(event("e1", HOOK, EventSource.POLL, "{\"title\":\"bug\"}"));

    // then
    assertThat(topology.commands()).hasSize(2);
    assertThat(
            topology
                .driver()
                .getWindowStore(TaskStores.SEEN_EVENTS)
                .fetch(new HomeKey(HOOK, "e1"), Instant.EPOCH, START)
                .hasNext())
        .isFalse();
  }

  @Test
  void aDeliveryIsRememberedForThreeDaysAndForgottenAfterFour() {
    // given
    topology.define(area(1, null));
    topology.happen(event("e1", "{\"title\":\"bug\"}"));
    topology.commands();

    // when
    topology.pass(Duration.ofDays(3));
    topology.happen(event("e1", "{\"title\":\"bug\"}"));
    topology.pass(Duration.ofDays(1).plusSeconds(1));
    topology.happen(event("e1", "{\"title\":\"bug\"}"));

    // then
    assertThat(topology.runStatuses())
        .containsExactly(RunStatus.RUNNING, RunStatus.DUPLICATE, RunStatus.RUNNING);
  }

  @Test
  void inputsThatAreTooLargeTogetherFailTheRun() {
    // given
    String much = "x".repeat(900_000);
    topology.define(area(Harness.AREA, HOOK, 1, plan(null, "a", much, "b", much, "c", much), true));

    // when
    topology.happen(event("e1", "{}"));

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.runs().getFirst().getSteps().getFirst().getErrorMessage().orElseThrow())
        .contains("bytes");
  }

  @ParameterizedTest
  @CsvSource({"WEBHOOK, POLL", "POLL, WEBHOOK", "POLL, POLL"})
  void whatADeliveryAndAPollTellIsOneRun(EventSource first, EventSource second) {
    // given
    topology.define(area(1, null));
    topology.happen(canonical("issue:1:opened", first));

    // when
    topology.happen(canonical("issue:1:opened", second));
    topology.happen(canonical("issue:2:opened", second));

    // then
    assertThat(topology.commands()).hasSize(2);
    assertThat(topology.runStatuses())
        .containsExactly(RunStatus.RUNNING, RunStatus.DUPLICATE, RunStatus.RUNNING);
  }

  @Test
  void whatWasDeliveredWhileNoAreaWantedItIsNoNewsWhenAPollFindsIt() {
    // given
    topology.happen(canonical("before", EventSource.WEBHOOK));
    topology.define(area(1, "event.title == 'feature'"));
    topology.happen(canonical("refused", EventSource.WEBHOOK));
    topology.define(area(2, null));

    // when
    topology.happen(canonical("before", EventSource.POLL));
    topology.happen(canonical("refused", EventSource.POLL));

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.runStatuses())
        .containsExactly(RunStatus.FILTERED, RunStatus.DUPLICATE, RunStatus.DUPLICATE);
  }

  private static Event canonical(String id, EventSource source) {
    return Event.newBuilder(event(id, HOOK, source, "{\"title\":\"bug\"}"))
        .setCanonical(true)
        .build();
  }
}
