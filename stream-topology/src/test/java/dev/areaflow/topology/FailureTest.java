package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.AREA;
import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.START;
import static dev.areaflow.topology.Harness.event;
import static dev.areaflow.topology.runs.PlanSteps.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.schemas.rows.Plan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What follows from failures: handlers, what stops, and when an AREA tells of them. */
final class FailureTest {
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir private Path directory;
  private Harness topology;
  private int events;

  @BeforeEach
  void open() {
    topology = new Harness(directory);
  }

  @AfterEach
  void close() {
    topology.close();
  }

  private void define(List<Plan.Step> steps, List<Plan.Step> onError) {
    topology.define(
        Harness.area(
            AREA,
            HOOK,
            1,
            new Plan("github", "issue_opened", null, null, null, steps, onError, null),
            true));
  }

  private void defineTelling() {
    define(
        List.of(step("a", "one").step()),
        List.of(
            step("tell", "${error.step} ${error.class} ${error.status}: ${error.message}").step()));
  }

  private Command next() {
    topology.happen(event("e" + events++, "{\"title\":\"bug\"}"));
    return topology.command();
  }

  private static String text(Command command) {
    return Harness.inputs(command).get("text").asText();
  }

  @Test
  void aHandlerUndoesWhatFailed() {
    // given
    define(
        List.of(
            step("a", "one").onFailure(Plan.OnFailure.RUN).step(),
            step("undo", "undo ${event.title}").handles("a").step(),
            step("b", "two").after("a").step()),
        List.of());

    // when
    topology.fail(next(), ErrorClass.PERMANENT);
    Command undo = topology.command();
    topology.succeed(undo);

    // then
    assertThat(text(undo)).isEqualTo("undo bug");
    RunRecord run = topology.runs().getLast();
    assertThat(run.getStatus()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(run.getSteps().getLast().getStatus()).isEqualTo(StepStatus.SKIPPED);
  }

  @Test
  void anAreaTellsOfAFailureAndTheRunEndsFailed() {
    // given
    defineTelling();

    // when
    topology.fail(next(), ErrorClass.PERMANENT);
    RunRecord telling = topology.runs().getLast();
    Command tell = topology.command();
    topology.succeed(tell);

    // then
    assertThat(telling.getStatus()).isEqualTo(RunStatus.RUNNING);
    assertThat(text(tell)).isEqualTo("a permanent 503: 503 from the provider");
    assertThat(topology.runs().getLast().getStatus()).isEqualTo(RunStatus.FAILED);
  }

  @Test
  void failuresOfOneKindAreToldOfOnceADay() {
    // given
    defineTelling();
    topology.fail(next(), ErrorClass.PERMANENT);
    topology.succeed(topology.command());

    // when
    topology.fail(next(), ErrorClass.PERMANENT);
    List<Command> again = topology.commands();
    topology.pass(DAY);
    topology.fail(next(), ErrorClass.PERMANENT);

    // then
    assertThat(again).isEmpty();
    assertThat(text(topology.command())).startsWith("a permanent");
  }

  @Test
  void anAnswerThatComesTwiceIsNotToldOf() {
    // given
    defineTelling();
    topology.fail(next(), ErrorClass.PERMANENT);
    topology.succeed(topology.command());
    Command untold = next();
    topology.fail(untold, ErrorClass.PERMANENT);

    // when
    topology.pass(DAY);
    topology.fail(untold, ErrorClass.PERMANENT);

    // then
    assertThat(topology.commands()).isEmpty();
  }

  @Test
  void anAreaThatSucceededTellsOfTheNextFailure() {
    // given
    defineTelling();
    topology.fail(next(), ErrorClass.PERMANENT);
    topology.succeed(topology.command());

    // when
    topology.succeed(next());
    topology.fail(next(), ErrorClass.PERMANENT);

    // then
    assertThat(topology.commands()).hasSize(1);
  }

  @Test
  void anotherKindOfFailureIsToldOfAtOnce() {
    // given
    defineTelling();
    topology.fail(next(), ErrorClass.PERMANENT);
    topology.succeed(topology.command());

    // when
    topology.fail(next(), ErrorClass.REAUTHORIZE);

    // then
    assertThat(text(topology.command())).startsWith("a reauthorize");
  }

  @Test
  void whoIsToldLearnsSinceWhenItFailsAndWhenItIsPaused() {
    // given
    define(
        List.of(step("a", "one").step()),
        List.of(step("tell", "${error.failingSince} ${error.pausesAt}").step()));
    topology.fail(next(), ErrorClass.PERMANENT);
    topology.succeed(topology.command());

    // when
    topology.pass(DAY.multipliedBy(4));
    topology.fail(next(), ErrorClass.PERMANENT);

    // then
    assertThat(text(topology.command())).isEqualTo(START + " " + START.plus(DAY.multipliedBy(5)));
  }

  @Test
  void whatTellsMayFailItselfAndIsNotToldOf() {
    // given
    defineTelling();
    topology.fail(next(), ErrorClass.PERMANENT);

    // when
    topology.fail(topology.command(), ErrorClass.PERMANENT);

    // then
    assertThat(topology.runs().getLast().getStatus()).isEqualTo(RunStatus.FAILED);
    assertThat(topology.commands()).isEmpty();
  }

  @Test
  void aRetriedRunThatFailsAgainLaterTellsAnew() {
    // given
    defineTelling();
    Command failing = next();
    topology.fail(failing, ErrorClass.PERMANENT);
    topology.succeed(topology.command());

    // when
    topology.pass(DAY);
    topology.ask("retry", "{\"runId\":\"%s\"}".formatted(failing.getRunId()));
    topology.fail(topology.command(), ErrorClass.PERMANENT);

    // then
    Command tell = topology.command();
    assertThat(tell.getStepId()).isEqualTo("tell");
    assertThat(tell.getAttempt()).isEqualTo(2);
  }

  @Test
  void aCallOfWhichNobodyKnowsEndsTheRunAndItsLateAnswerCounts() {
    // given
    define(
        List.of(step("a", "one").atMostOnce().step(), step("b", "two").after("a").step()),
        List.of());
    Command command = next();

    // when
    topology.pass(Duration.ofSeconds(101));
    RunRecord unknown = topology.runs().getLast();
    List<Command> none = topology.commands();
    topology.succeed(command);

    // then
    assertThat(unknown.getStatus()).isEqualTo(RunStatus.FAILED);
    assertThat(unknown.getSteps().getFirst().getStatus()).isEqualTo(StepStatus.UNKNOWN);
    assertThat(none).isEmpty();
    Command second = topology.command();
    assertThat(second.getStepId()).isEqualTo("b");
    topology.succeed(second);
    assertThat(topology.runs().getLast().getStatus()).isEqualTo(RunStatus.SUCCEEDED);
  }
}
