package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.AREA;
import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.event;
import static dev.areaflow.topology.runs.PlanSteps.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.AreaState;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepRecord;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps that wait for one another: in which order they begin, and what they see. */
final class StepsTest {
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

  private void define(long version, Plan.Step... steps) {
    topology.define(
        Harness.area(
            AREA, HOOK, version, new Plan("github", "issue_opened", null, List.of(steps)), true));
  }

  private static String text(Command command) {
    return Harness.inputs(command).get("text").asText();
  }

  private List<StepStatus> statuses(RunRecord run) {
    return run.getSteps().stream().map(StepRecord::getStatus).toList();
  }

  private void assertThatNothingIsKept() {
    for (String store : List.of(TaskStores.RUNS, TaskStores.RUN_MATERIALS, TaskStores.TIMERS)) {
      try (var all = topology.driver().getKeyValueStore(store).all()) {
        assertThat(all.hasNext()).as(store).isFalse();
      }
    }
  }

  @Test
  void aStepSeesTheEventAndTheOutputsBeforeIt() {
    // given
    define(
        1,
        step("create", "${event.title}").keepsOutput().step(),
        step("tell", "${event.title}: ${steps.create.output.url}").after("create").step());
    topology.happen(event("e1", "{\"title\":\"bug\"}"));

    // when
    Command create = topology.command();
    topology.succeed(create, "{\"url\":\"https://x.test/1\"}");
    Command tell = topology.command();
    topology.succeed(tell);

    // then
    assertThat(create.getStepId()).isEqualTo("create");
    assertThat(create.getKeepsOutput()).isTrue();
    assertThat(tell.getKeepsOutput()).isFalse();
    assertThat(text(tell)).isEqualTo("bug: https://x.test/1");
    List<RunRecord> runs = topology.runs();
    assertThat(statuses(runs.getFirst())).containsExactly(StepStatus.RUNNING, StepStatus.PENDING);
    assertThat(statuses(runs.get(1))).containsExactly(StepStatus.SUCCEEDED, StepStatus.RUNNING);
    assertThat(runs.getLast().getStatus()).isEqualTo(RunStatus.SUCCEEDED);
    assertThatNothingIsKept();
  }

  @Test
  void anEditDoesNotChangeARunInFlight() {
    // given
    define(1, step("a", "one").step(), step("b", "old ${event.title}").after("a").step());
    topology.happen(event("e1", "{\"title\":\"bug\"}"));
    Command first = topology.command();

    // when
    define(2, step("a", "two").step(), step("b", "new").after("a").step());
    topology.succeed(first);

    // then
    assertThat(text(topology.command())).isEqualTo("old bug");
  }

  @Test
  void aRunInFlightGoesOnWhereItsAreaIsDeleted() {
    // given
    var row =
        Harness.area(
            AREA,
            HOOK,
            1,
            new Plan(
                "github",
                "issue_opened",
                null,
                List.of(step("a", "one").step(), step("b", "two").after("a").step())),
            true);
    topology.define(row);
    topology.happen(event("e1", "{}"));
    Command first = topology.command();

    // when
    topology.define(Harness.deleted(row, 2));
    topology.succeed(first);

    // then
    assertThat(text(topology.command())).isEqualTo("two");
  }

  @Test
  void aConditionMayAskHowAStepEnded() {
    // given
    define(
        1,
        step("a", "one").onFailure(Plan.OnFailure.CONTINUE).step(),
        step("bad", "it failed").after("a").when("steps.a.status == 'failed'").step(),
        step("good", "it went well").after("a").when("steps.a.status == 'succeeded'").step());
    topology.happen(event("e1", "{}"));

    // when
    topology.fail(topology.command(), ErrorClass.PERMANENT);
    Command next = topology.command();
    topology.succeed(next);

    // then
    assertThat(text(next)).isEqualTo("it failed");
    RunRecord last = topology.runs().getLast();
    assertThat(last.getStatus()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(statuses(last))
        .containsExactly(StepStatus.FAILED, StepStatus.SUCCEEDED, StepStatus.SKIPPED);
  }

  @Test
  void aStepThatReadsWhatIsNotThereFailsWithWords() {
    // given
    define(
        1,
        step("a", "one").keepsOutput().step(),
        step("b", "${steps.a.output.nothing}").after("a").step());
    topology.happen(event("e1", "{}"));

    // when
    topology.succeed(topology.command(), "{}");

    // then
    RunRecord last = topology.runs().getLast();
    assertThat(last.getStatus()).isEqualTo(RunStatus.FAILED);
    assertThat(last.getSteps().getLast().getErrorMessage().orElseThrow()).contains("nothing");
    assertThat(last.getSteps().getLast().getErrorClass()).contains(ErrorClass.PERMANENT);
  }

  @Test
  void oneBranchOfAChoiceIsTaken() {
    // given
    define(
        1,
        step("which", "").choose("event.n > 10", null).step(),
        step("many", "many").branch("which", 0).step(),
        step("few", "few").branch("which", 1).step());

    // when
    topology.happen(event("e1", "{\"n\":3}"));

    // then
    assertThat(text(topology.command())).isEqualTo("few");
    StepRecord choice = topology.runs().getLast().getSteps().getFirst();
    assertThat(choice.getStatus()).isEqualTo(StepStatus.SUCCEEDED);
    assertThat(choice.getBranch()).contains(1);
  }

  @Test
  void aRuleThatFiresBeginsItsStepsWithAllThatItCollected() {
    // given
    Plan plain =
        new Plan(
            "github",
            "issue_opened",
            null,
            new RulePlan.Count(2, Duration.ofHours(1)),
            null,
            List.of(
                step("a", "${events.size()}").step(),
                step("b", "${events.map(e, e.payload.title).join('+')}").after("a").step()));
    topology.define(Harness.area(AREA, HOOK, 1, plain, true));
    topology.happen(event("e1", "{\"title\":\"x\"}"));
    topology.happen(event("e2", "{\"title\":\"y\"}"));

    // when
    topology.succeed(topology.command());

    // then
    assertThat(text(topology.command())).isEqualTo("x+y");
  }

  @Test
  void aRunThatEndsAsItBeginsLeavesNothing() {
    // given
    define(1, step("a", "one").when("false").step(), step("b", "two").after("a").step());

    // when
    topology.happen(event("e1", "{}"));

    // then
    assertThat(topology.runs().getFirst().getStatus()).isEqualTo(RunStatus.SUCCEEDED);
    assertThatNothingIsKept();
  }

  @Test
  void anAreaWhoseStepsWaitForOneAnotherIsRejected() {
    // when
    define(1, step("a", "one").after("b").step(), step("b", "two").after("a").step());

    // then
    var status = topology.statuses().getLast();
    assertThat(status.getState()).isEqualTo(AreaState.REJECTED);
    assertThat(status.getReason().orElseThrow()).contains("wait for one another");
  }

  @Test
  void stepsThatAllBeginAtOnceKeepNothingMore() {
    // given
    define(
        1,
        step("a", "one").timeout(Duration.ofSeconds(3)).step(),
        step("b", "two").atMostOnce().step());

    // when
    topology.happen(event("e1", "{}"));

    // then
    try (var all = topology.driver().getKeyValueStore(TaskStores.RUN_MATERIALS).all()) {
      assertThat(all.hasNext()).isFalse();
    }
    List<Command> commands = topology.commands();
    assertThat(commands.getFirst().getTimeoutMillis()).contains(3_000L);
    assertThat(commands.getLast().getAtMostOnce()).isTrue();
  }
}
