package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.AREA;
import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.area;
import static dev.areaflow.topology.Harness.event;
import static dev.areaflow.topology.runs.PlanSteps.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.OutcomeKind;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.runs.AreaRuns;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people ask of runs, and how long those are kept of which something may be asked. */
final class RequestsTest {
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

  private void define(Plan.Step... steps) {
    topology.define(
        Harness.area(
            AREA, HOOK, 1, new Plan("github", "issue_opened", null, List.of(steps)), true));
  }

  private Command begun() {
    topology.happen(event("e1", "{\"title\":\"bug\"}"));
    return topology.commands().getFirst();
  }

  private void ask(String kind, String runId) {
    topology.ask(kind, "{\"runId\":\"%s\"}".formatted(runId));
  }

  private long kept() {
    long rows = 0;
    for (String store :
        List.of(
            TaskStores.RUNS, TaskStores.RUN_MATERIALS, TaskStores.TIMERS, TaskStores.AREA_RUNS)) {
      try (var all = topology.driver().getKeyValueStore(store).all()) {
        while (all.hasNext()) {
          all.next();
          rows++;
        }
      }
    }
    return rows;
  }

  @Test
  void aRunIsCancelled() {
    // given
    define(step("a", "one").step(), step("b", "two").after("a").step());
    Command command = begun();

    // when
    ask("cancel", command.getRunId());
    topology.succeed(command);

    // then
    RunRecord run = topology.runs().getLast();
    assertThat(run.getStatus()).isEqualTo(RunStatus.CANCELLED);
    assertThat(run.getSteps()).allMatch(s -> s.getStatus() == StepStatus.CANCELLED);
    assertThat(topology.commands()).isEmpty();
    assertThat(
            topology.counted("areaflow.topology.requests", "kind", "cancel", "result", "followed"))
        .isEqualTo(1);
  }

  @Test
  void nobodyCancelsAnotherOnesRun() {
    // given
    topology.define(area(1, null));
    Command command = begun();

    // when
    topology.ask("owner-2", "cancel", "{\"runId\":\"%s\"}".formatted(command.getRunId()));

    // then
    assertThat(topology.runs()).hasSize(1);
    assertThat(
            topology.counted("areaflow.topology.requests", "kind", "cancel", "result", "ignored"))
        .isEqualTo(1);
  }

  @Test
  void whatIsAskedOfAnUnknownRunIsCountedAndIgnored() {
    // when
    ask("retry", "01987654-0000-8000-8000-000000000000");
    ask("rerun", "01987654-0000-8000-8000-000000000000");

    // then
    assertThat(topology.counted("areaflow.topology.requests", "kind", "retry", "result", "ignored"))
        .isEqualTo(1);
    assertThat(topology.deadLetters()).isEmpty();
  }

  @Test
  void aRequestThatCannotBeReadGoesToTheDeadLetters() {
    // when
    topology.ask("cancel", "{}");

    // then
    assertThat(topology.deadLetters()).hasSize(1);
  }

  @Test
  void aFailedRunIsRetriedFromWhereItFailed() {
    // given
    define(
        step("a", "one").keepsOutput().step(),
        step("b", "${event.title} ${steps.a.output}").after("a").step());
    topology.succeed(begun(), "7");
    Command failing = topology.command();
    topology.fail(failing, ErrorClass.PERMANENT);
    RunRecord failed = topology.runs().getLast();

    // when
    ask("retry", failing.getRunId());
    Command again = topology.command();
    topology.succeed(again);

    // then
    assertThat(again.getId()).isEqualTo(failing.getId());
    assertThat(again.getAttempt()).isEqualTo(2);
    assertThat(Harness.inputs(again).get("text").asText()).isEqualTo("bug 7");
    List<RunRecord> runs = topology.runs();
    assertThat(runs)
        .extracting(RunRecord::getStatus)
        .containsExactly(RunStatus.RUNNING, RunStatus.SUCCEEDED);
    assertThat(runs.getFirst().getTransition()).isEqualTo(failed.getTransition() + 1);
    assertThat(runs.getFirst().getFinishedAt()).isEmpty();
    assertThat(kept()).isZero();
  }

  @Test
  void aRunWhoseStepsAllBeganAtOnceIsRetriedToo() {
    // given
    topology.define(
        area(AREA, HOOK, 1, Harness.plan(null, "a", "${event.title}", "b", "two"), true));
    topology.happen(event("e1", "{\"title\":\"bug\"}"));
    List<Command> both = topology.commands();
    topology.fail(both.get(0), ErrorClass.PERMANENT);
    topology.succeed(both.get(1));

    // when
    ask("retry", both.get(0).getRunId());

    // then
    Command again = topology.command();
    assertThat(again.getStepId()).isEqualTo("a");
    assertThat(again.getInputs()).isEqualTo(both.get(0).getInputs());
    topology.succeed(again);
    assertThat(topology.runs().getLast().getStatus()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(kept()).isZero();
  }

  @Test
  void aRunThatSucceededCannotBeRetried() {
    // given
    topology.define(area(1, null));
    Command command = begun();
    topology.succeed(command);

    // when
    ask("retry", command.getRunId());

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.counted("areaflow.topology.requests", "kind", "retry", "result", "ignored"))
        .isEqualTo(1);
  }

  @Test
  void aFailedRunIsKeptForAWeek() {
    // given
    define(step("a", "one").step(), step("b", "two").after("a").step());
    Command command = begun();
    topology.fail(command, ErrorClass.PERMANENT);

    // when
    topology.pass(Duration.ofDays(7).minusSeconds(1));
    long before = kept();
    topology.pass(Duration.ofSeconds(2));

    // then
    assertThat(before).isEqualTo(5); // the run, what it comes from in two rows, a timer, a count
    assertThat(kept()).isZero();
    ask("retry", command.getRunId());
    assertThat(topology.commands()).isEmpty();
  }

  @Test
  void aRetryThatIsBroughtAgainAfterTheRunFailedAnewIsNotDoneAgain() {
    // given
    topology.define(area(1, null));
    Command command = begun();
    topology.fail(command, ErrorClass.PERMANENT);
    Instant asked = topology.now();
    ask("retry", command.getRunId());
    topology.pass(Duration.ofSeconds(30));
    topology.fail(topology.command(), ErrorClass.PERMANENT);

    // when
    topology.ask("owner-1", asked, "retry", "{\"runId\":\"%s\"}".formatted(command.getRunId()));

    // then
    assertThat(topology.commands()).isEmpty();
  }

  @Test
  void ofTooManyRunsThatFailedNoFurtherOneIsKept() {
    // given
    define(step("a", "one").step(), step("b", "two").after("a").step());
    KeyValueStore<HomeKey, AreaRuns> areas =
        topology.driver().getKeyValueStore(TaskStores.AREA_RUNS);
    areas.put(new HomeKey(HOOK, AREA), AreaRuns.NONE.withEnded(AreaRuns.MOST_ENDED));
    Command command = begun();

    // when
    topology.fail(command, ErrorClass.PERMANENT);

    // then
    assertThat(topology.runs().getLast().getStatus()).isEqualTo(RunStatus.FAILED);
    assertThat(kept()).as("the count alone").isEqualTo(1);
    assertThat(areas.get(new HomeKey(HOOK, AREA)).ended()).isEqualTo(AreaRuns.MOST_ENDED);
  }

  @Test
  void aRetryThatComesTwiceIsDoneOnce() {
    // given
    topology.define(area(1, null));
    Command command = begun();
    topology.fail(command, ErrorClass.PERMANENT);

    // when
    ask("retry", command.getRunId());
    ask("retry", command.getRunId());

    // then
    assertThat(topology.commands()).hasSize(1);
  }

  @Test
  void whatWaitsForItsOwnerGoesOnAtOnceWhenTheConnectionIsBack() {
    // given
    define(step("a", "one").connection("c1").step());
    Command command = begun();
    topology.answer(
        Harness.outcome(command)
            .setKind(OutcomeKind.DEFERRED)
            .setErrorClass(ErrorClass.REAUTHORIZE)
            .setMessage("connect c1 again")
            .setRetryAfterMillis(300_000L)
            .build());
    RunRecord waiting = topology.runs().getLast();

    // when
    topology.ask("resume", "{\"connectionId\":\"c2\"}");
    topology.pass(Duration.ofSeconds(1));
    boolean early = !topology.commands().isEmpty();
    topology.ask("resume", "{\"connectionId\":\"c1\"}");
    topology.pass(Duration.ofMillis(250));

    // then
    assertThat(waiting.getStatus()).isEqualTo(RunStatus.RUNNING);
    assertThat(waiting.getSteps().getFirst().getStatus()).isEqualTo(StepStatus.WAITING);
    assertThat(waiting.getSteps().getFirst().getErrorMessage()).contains("connect c1 again");
    assertThat(early).isFalse();
    topology.succeed(topology.command());
    RunRecord last = topology.runs().getLast();
    assertThat(last.getStatus()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(last.getSteps().getFirst().getAttempts()).isEqualTo(1);
  }
}
