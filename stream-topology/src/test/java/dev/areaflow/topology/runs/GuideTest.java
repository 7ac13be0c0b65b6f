package dev.areaflow.topology.runs;

import static dev.areaflow.topology.runs.Samples.NOW;
import static dev.areaflow.topology.runs.Samples.failed;
import static dev.areaflow.topology.runs.Samples.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.OutcomeKind;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.runs.StepState.Chosen;
import dev.areaflow.topology.runs.StepState.Delayed;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Looped;
import dev.areaflow.topology.runs.StepState.Looping;
import dev.areaflow.topology.runs.StepState.Open;
import dev.areaflow.topology.runs.StepState.Pending;
import dev.areaflow.topology.runs.StepState.Running;
import dev.areaflow.topology.runs.StepState.Skipped;
import dev.areaflow.topology.runs.StepState.Succeeded;
import dev.areaflow.topology.runs.StepState.Unknown;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The transitions of runs whose steps wait for one another. */
final class GuideTest {
  private static GuidedRun run(Plan.Step... steps) {
    return new GuidedRun(FakeScript.of(steps));
  }

  private static PlanSteps step(String id) {
    return PlanSteps.step(id);
  }

  @Test
  void aStepWaitsForWhatItUses() {
    // given
    GuidedRun run = run(step("a").keepsOutput().step(), step("b").after("a").step());

    // when
    run.begin();

    // then
    assertThat(run.commands()).containsExactly("a#1");
    assertThat(state(run.run(), "b")).isEqualTo(new Pending(0));
    assertThat(run.run().status()).isEqualTo(RunStatus.RUNNING);
  }

  @Test
  void aStepBeginsWithTheOutputOfTheOneBefore() {
    // given
    GuidedRun run = run(step("a").keepsOutput().step(), step("b").after("a").step());
    run.begin();

    // when
    run.succeed("a", "{\"x\":1}");

    // then
    assertThat(run.commands()).containsExactly("a#1", "b#1");
    assertThat(run.inputs("b")).isEqualTo("b sees a={\"x\":1}");
  }

  @Test
  void whatWaitsForAFailedStepIsSkippedAndTheRunHasFailed() {
    // given
    GuidedRun run = run(step("a").step(), step("b").after("a").step(), step("c").step());
    run.begin();

    // when
    run.fail("a");

    // then
    assertThat(state(run.run(), "b")).isInstanceOf(Skipped.class);
    assertThat(run.run().status()).isEqualTo(RunStatus.RUNNING);
    run.succeed("c", null);
    assertThat(run.run().status()).isEqualTo(RunStatus.FAILED);
  }

  @Test
  void afterAFailureThatStopsNothingFurtherBegins() {
    // given
    GuidedRun run = run(step("a").step(), step("b").step(), step("c").after("b").step());
    run.begin();

    // when
    run.fail("a");
    run.succeed("b", null);

    // then
    assertThat(run.commands()).containsExactly("a#1", "b#1");
    assertThat(state(run.run(), "c")).isInstanceOf(Skipped.class);
    assertThat(run.run().status()).isEqualTo(RunStatus.FAILED);
  }

  @Test
  void aFailureThatDoesNotStopLeavesTheRestAsItIs() {
    // given
    GuidedRun run =
        run(
            step("a").onFailure(Plan.OnFailure.CONTINUE).step(),
            step("b").step(),
            step("c").after("b").step(),
            step("d").after("a").step());
    run.begin();

    // when
    run.fail("a");
    run.succeed("b", null);
    run.succeed("c", null);

    // then
    assertThat(state(run.run(), "d")).isInstanceOf(Skipped.class);
    assertThat(run.run().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aStepWithAConditionDecidesForItself() {
    // given
    GuidedRun run =
        run(
            step("a").onFailure(Plan.OnFailure.CONTINUE).step(),
            step("b").after("a").when("a=failed").step(),
            step("c").after("a").when("a=succeeded").step());
    run.begin();

    // when
    run.fail("a");

    // then
    assertThat(run.commands()).containsExactly("a#1", "b#1");
    assertThat(state(run.run(), "c")).isInstanceOf(Skipped.class);
  }

  @Test
  void anExpressionWithoutAValueFailsItsStep() {
    // given
    GuidedRun run = run(step("a").when("!no such field").step());

    // when
    run.begin();

    // then
    assertThat(((Failed) state(run.run(), "a")).answer())
        .isEqualTo(Answer.permanent("no such field"));
    assertThat(run.run().status()).isEqualTo(RunStatus.FAILED);
  }

  @Test
  void aHandlerBeginsWhenItsStepFailsAndTheRunSucceedsWithIt() {
    // given
    GuidedRun run =
        run(
            step("a").onFailure(Plan.OnFailure.RUN).step(),
            step("undo").handles("a").after("a").step(),
            step("b").after("a").step());
    run.begin();

    // when
    run.fail("a");
    run.succeed("undo", null);

    // then
    assertThat(state(run.run(), "b")).isInstanceOf(Skipped.class);
    assertThat(run.run().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aHandlerThatFailsFailsTheRun() {
    // given
    GuidedRun run =
        run(step("a").onFailure(Plan.OnFailure.RUN).step(), step("undo").handles("a").step());
    run.begin();

    // when
    run.fail("a");
    run.fail("undo");

    // then
    assertThat(run.run().status()).isEqualTo(RunStatus.FAILED);
  }

  @Test
  void aHandlerIsSkippedWhenItsStepSucceeds() {
    // given
    GuidedRun run =
        run(step("a").onFailure(Plan.OnFailure.RUN).step(), step("undo").handles("a").step());
    run.begin();

    // when
    run.succeed("a", null);

    // then
    assertThat(state(run.run(), "undo")).isInstanceOf(Skipped.class);
    assertThat(run.run().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void oneBranchOfAChoiceIsTaken() {
    // given
    GuidedRun run =
        run(
            step("choice").choose("false", "true").step(),
            step("a").branch("choice", 0).step(),
            step("b").branch("choice", 1).step(),
            step("c").after("a", "b").when("a=skipped").step());

    // when
    run.begin();

    // then
    assertThat(state(run.run(), "choice")).isEqualTo(new Chosen(1, NOW));
    assertThat(state(run.run(), "a")).isInstanceOf(Skipped.class);
    assertThat(run.commands()).containsExactly("b#1");
    run.succeed("b", null);
    assertThat(run.commands()).containsExactly("b#1", "c#1");
    var choice = RunLog.record(run.run()).getSteps().getFirst();
    assertThat(choice.getStatus()).isEqualTo(StepStatus.SUCCEEDED);
    assertThat(choice.getBranch()).contains(1);
  }

  @Test
  void noBranchIsTakenWhereNoConditionHolds() {
    // given
    GuidedRun run =
        run(step("choice").choose("false").step(), step("a").branch("choice", 0).step());

    // when
    run.begin();

    // then
    assertThat(state(run.run(), "choice")).isEqualTo(new Chosen(-1, NOW));
    assertThat(run.run().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aDelayedStepBeginsWhenItIsDue() {
    // given
    GuidedRun run = run(step("a").delay(Duration.ofMinutes(5)).step());

    // when
    run.begin();

    // then
    assertThat(state(run.run(), "a")).isEqualTo(new Delayed(0, NOW.plusSeconds(300)));
    assertThat(run.timers()).hasSize(1);
    assertThat(run.commands()).isEmpty();
    var shown = RunLog.record(run.run()).getSteps().getFirst();
    assertThat(shown.getStatus()).isEqualTo(StepStatus.WAITING);
    assertThat(shown.getNextAttemptAt()).contains(NOW.plusSeconds(300));
    run.fireNextTimer();
    assertThat(run.commands()).containsExactly("a#1");
  }

  @Test
  void aStepThatWaitsForATimeInThePastBeginsAtOnce() {
    // given
    GuidedRun run = run(step("a").until("2020-01-01T00:00:00Z").step());

    // when
    run.begin();

    // then
    assertThat(run.commands()).containsExactly("a#1");
  }

  @Test
  void aStepThatWouldWaitForLongerThanAMonthFails() {
    // given
    GuidedRun run = run(step("a").until("2027-01-01T00:00:00Z").step());

    // when
    run.begin();

    // then
    assertThat(((Failed) state(run.run(), "a")).answer().message())
        .isEqualTo("it would wait until 2027-01-01T00:00:00Z, but a step waits 31 days at most");
  }

  @Test
  void aFailureSkipsWhatIsDelayed() {
    // given
    GuidedRun run = run(step("a").step(), step("b").delay(Duration.ofDays(1)).step());
    run.begin();

    // when
    run.fail("a");

    // then
    assertThat(state(run.run(), "b")).isInstanceOf(Skipped.class);
    assertThat(run.timers()).isEmpty();
    assertThat(run.run().status()).isEqualTo(RunStatus.FAILED);
  }

  @Test
  void itemsAreDoneInOrderSomeAtATime() {
    // given
    GuidedRun run =
        run(step("a").forEach("x,y,z", 2).keepsOutput().step(), step("b").after("a").step());

    // when
    run.begin();
    List<String> first = List.copyOf(run.commands());
    run.succeed("a", 1, "\"Y\"");
    List<String> second = List.copyOf(run.commands());
    run.succeed("a", 0, "\"X\"");
    run.succeed("a", 2, null);

    // then
    assertThat(first).containsExactly("a.0#1", "a.1#1");
    assertThat(second).containsExactly("a.0#1", "a.1#1", "a.2#1");
    assertThat(run.inputs("a.2")).isEqualTo("a item 2=z");
    assertThat(run.inputs("b")).isEqualTo("b sees a=[\"X\",\"Y\",null]");
    var items = RunLog.record(run.run()).getSteps().getFirst().getItems().orElseThrow();
    assertThat(items.getTotal()).isEqualTo(3);
    assertThat(items.getSucceeded()).isEqualTo(3);
  }

  @Test
  void nothingIsDoneForAnEmptyList() {
    // given
    GuidedRun run = run(step("a").forEach("", 1).keepsOutput().step(), step("b").after("a").step());

    // when
    run.begin();

    // then
    assertThat(run.commands()).containsExactly("b#1");
    assertThat(run.inputs("b")).isEqualTo("b sees a=[]");
  }

  @Test
  void afterAFailedItemNoFurtherOneBegins() {
    // given
    GuidedRun run = run(step("a").forEach("x,y,z,w", 2).step());
    run.begin();

    // when
    run.fail("a", 0);
    run.succeed("a", 1, null);

    // then
    assertThat(run.commands()).containsExactly("a.0#1", "a.1#1");
    assertThat(run.run().status()).isEqualTo(RunStatus.FAILED);
    Loop loop = ((Looped) state(run.run(), "a")).loop();
    assertThat(loop.failed().contains(0)).isTrue();
    assertThat(loop.next()).isEqualTo(2);
    assertThat(loop.problem()).isNotNull();
  }

  @Test
  void withContinueTheItemsAfterAFailedOneAreDoneToo() {
    // given
    GuidedRun run = run(step("a").forEach("x,y", 1).onFailure(Plan.OnFailure.CONTINUE).step());
    run.begin();

    // when
    run.fail("a", 0);
    run.succeed("a", 1, null);

    // then
    assertThat(state(run.run(), "a").status()).isEqualTo(StepStatus.FAILED);
    assertThat(run.run().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void tooManyItemsFailTheStep() {
    // given
    GuidedRun run = run(step("a").forEach("x,".repeat(1_000) + "x", 1).step());

    // when
    run.begin();

    // then
    assertThat(((Failed) state(run.run(), "a")).answer().message())
        .contains("1001 items, more than the 1000");
  }

  @Test
  void aLongListTakesLittleOfTheRunsRow() {
    // given
    GuidedRun run = run(step("a").forEach("x,".repeat(999) + "x", 20).step());

    // when
    run.begin();
    for (int i = 0; i < 999; i++) {
      run.succeed("a", i, null);
    }

    // then
    assertThat(run.mostBytes()).isLessThan(4_000);
    assertThat(((Looping) state(run.run(), "a")).active()).hasSize(1);
    assertThat(run.shown()).as("not each item is shown").isLessThan(15);
  }

  @Test
  void anItemIsTriedAgainOnItsOwn() {
    // given
    GuidedRun run = run(step("a").forEach("x,y", 2).step());
    run.begin();

    // when
    run.retryable("a", 1);
    run.succeed("a", 0, null);
    run.fireNextTimer();

    // then
    assertThat(run.commands()).containsExactly("a.0#1", "a.1#1", "a.1#2");
    assertThat(run.inputs("a.1")).isEqualTo("a item 1=y");
  }

  @Test
  void aStepHasItsOwnScheduleOfRetries() {
    // given
    Plan.Retry retry = new Plan.Retry(3, Duration.ofSeconds(10), List.of("permanent"));
    GuidedRun run = run(step("a").retry(retry).step());
    run.begin();

    // when
    run.fail("a");
    Instant second = ((Open) state(run.run(), "a")).dueAt();
    run.fireNextTimer();
    run.fail("a");
    Instant third = ((Open) state(run.run(), "a")).dueAt();
    run.fireNextTimer();
    run.fail("a");

    // then
    assertThat(Duration.between(NOW, second)).isBetween(seconds(8), seconds(12));
    assertThat(Duration.between(second, third)).isBetween(seconds(16), seconds(24));
    assertThat(state(run.run(), "a")).isInstanceOf(Failed.class);
    assertThat(run.commands()).containsExactly("a#1", "a#2", "a#3");
  }

  @Test
  void aStepWithOneAttemptIsNotTriedAgain() {
    // given
    GuidedRun run = run(step("a").retry(new Plan.Retry(1, null, List.of())).step());
    run.begin();

    // when
    run.retryable("a", null);

    // then
    assertThat(run.run().status()).isEqualTo(RunStatus.FAILED);
  }

  @Test
  void aTimeoutMovesTheDeadlineAndIsTold() {
    // given
    GuidedRun run = run(step("a").timeout(Duration.ofMinutes(5)).step());

    // when
    run.begin();

    // then
    Running running = (Running) state(run.run(), "a");
    assertThat(Duration.between(running.notAfter(), running.dueAt())).isEqualTo(seconds(310));
    assertThat(run.lastCommand().getTimeoutMillis()).contains(300_000L);
  }

  @Test
  void aCallThatMayHaveBeenMadeIsNotRepeatedWhereItIsAtMostOnce() {
    // given
    GuidedRun run = run(step("a").atMostOnce().step(), step("b").after("a").step());
    run.begin();

    // when
    run.fireNextTimer();

    // then
    assertThat(run.lastCommand().getAtMostOnce()).isTrue();
    assertThat(state(run.run(), "a")).isInstanceOf(Unknown.class);
    assertThat(state(run.run(), "b")).isInstanceOf(Skipped.class);
    assertThat(run.run().status()).isEqualTo(RunStatus.FAILED);
    assertThat(run.commands()).containsExactly("a#1");
  }

  @Test
  void aLateAnswerOfAnUnknownCallCounts() {
    // given
    GuidedRun run = run(step("a").atMostOnce().step(), step("b").after("a").step());
    run.begin();
    run.fireNextTimer();

    // when
    run.succeed("a", null);

    // then
    assertThat(state(run.run(), "a")).isInstanceOf(Succeeded.class);
    assertThat(run.commands()).containsExactly("a#1", "b#1");
    assertThat(run.run().status()).isEqualTo(RunStatus.RUNNING);
  }

  @Test
  void anExecutorThatDoesNotKnowEndsACallThatIsMadeAtMostOnce() {
    // given
    GuidedRun run = run(step("a").atMostOnce().step());
    run.begin();

    // when
    run.answer(failed(run.run(), "a", 1, ErrorClass.UNCONFIRMED));

    // then
    assertThat(state(run.run(), "a").status()).isEqualTo(StepStatus.UNKNOWN);
  }

  @Test
  void aClearFailureIsTriedAgainAlsoWhereItIsAtMostOnce() {
    // given
    GuidedRun run = run(step("a").atMostOnce().step());
    run.begin();

    // when
    run.retryable("a", null);
    run.fireNextTimer();

    // then
    assertThat(run.commands()).containsExactly("a#1", "a#2");
  }

  @Test
  void outputsThatAreTooLargeTogetherFailTheStep() {
    // given
    GuidedRun run =
        run(
            step("a").keepsOutput().step(),
            step("b").keepsOutput().step(),
            step("c").after("a", "b").step());
    run.begin();
    String large = "\"" + "x".repeat(1_200_000) + "\"";

    // when
    run.succeed("a", large);
    run.succeed("b", large);

    // then
    assertThat(((Failed) state(run.run(), "b")).answer().message())
        .contains("take 2400004 bytes, more than the 2097152");
  }

  @Test
  void anOutputThatNobodyReadsIsNotKept() {
    // given
    GuidedRun run = run(step("a").step(), step("b").after("a").step());
    run.begin();

    // when
    run.succeed("a", "{}");

    // then
    assertThat(run.inputs("b")).isEqualTo("b sees a=null");
    assertThat(run.keptParts()).isEmpty();
  }

  @Test
  void aFailureIsToldOfOnceTheReactionsHaveEnded() {
    // given
    GuidedRun run =
        new GuidedRun(
            FakeScript.of(
                List.of(step("a").step(), step("b").step()), List.of(step("tell").step())));
    run.begin();
    run.fail("a");
    boolean early = run.mayTell();
    run.succeed("b", null);

    // when
    boolean now = run.mayTell();
    run.tell(NOW.minusSeconds(3600));

    // then
    assertThat(early).isFalse();
    assertThat(now).isTrue();
    assertThat(run.run().status()).isEqualTo(RunStatus.RUNNING);
    assertThat(run.inputs("tell"))
        .isEqualTo("tell error a permanent 503 since 2026-07-01T09:00:00Z");
    assertThat(run.mayTell()).isFalse();
    run.succeed("tell", null);
    assertThat(run.run().status()).isEqualTo(RunStatus.FAILED);
  }

  @Test
  void aRetryBeginsAnewWhatFailedAndWhatWasSkippedForIt() {
    // given
    GuidedRun run =
        run(
            step("a").keepsOutput().step(),
            step("b").after("a").step(),
            step("c").after("b").step());
    run.begin();
    run.succeed("a", "1");
    run.fail("b");
    int shown = run.run().transition();

    // when
    run.retry();

    // then
    assertThat(run.run().status()).isEqualTo(RunStatus.RUNNING);
    assertThat(run.run().transition()).isGreaterThan(shown);
    assertThat(run.commands()).containsExactly("a#1", "b#1", "b#2");
    assertThat(run.inputs("b")).isEqualTo("b sees a=1");
    run.succeed("b", null);
    run.succeed("c", null);
    assertThat(run.run().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void attemptsOfBeforeAreNotForgottenWhereAStepThatIsToBeginAnewIsSkipped() {
    // given
    GuidedRun run = run(step("b").delay(Duration.ofMinutes(1)).step(), step("c").step());
    run.begin();
    run.fireNextTimer();
    run.fail("b");
    run.fail("c");
    run.retry();
    run.fail("c");
    StepState skipped = state(run.run(), "b");

    // when
    run.retry();
    run.fireNextTimer();

    // then
    assertThat(skipped).isInstanceOf(Skipped.class);
    assertThat(run.commands()).containsExactly("c#1", "b#1", "c#2", "c#3", "b#2");
  }

  @Test
  void aRetryRepeatsOnlyTheItemsThatWereNotDone() {
    // given
    GuidedRun run =
        run(step("a").forEach("x,y,z", 1).keepsOutput().step(), step("b").after("a").step());
    run.begin();
    run.succeed("a", 0, "1");
    run.fail("a", 1);

    // when
    run.retry();
    run.succeed("a", 1, "2");
    run.succeed("a", 2, "3");

    // then
    assertThat(run.commands()).containsExactly("a.0#1", "a.1#1", "a.1#2", "a.2#2", "b#1");
    assertThat(run.inputs("b")).isEqualTo("b sees a=[1,2,3]");
  }

  @Test
  void aCancelledRunCanBeRetriedFromWhereItStopped() {
    // given
    GuidedRun run = run(step("a").step(), step("b").after("a").step());
    run.begin();
    run.cancel();
    RunStatus cancelled = run.run().status();

    // when
    run.retry();

    // then
    assertThat(cancelled).isEqualTo(RunStatus.CANCELLED);
    assertThat(run.commands()).containsExactly("a#1", "a#2");
    assertThat(state(run.run(), "b")).isInstanceOf(Pending.class);
  }

  @Test
  void whatWaitsForItsOwnerShowsWhyAndGoesOnWhenResumed() {
    // given
    GuidedRun run = run(step("a").connection("c1").step());
    run.begin();

    // when
    run.answer(
        Outcome.newBuilder(Samples.deferred(run.run(), "a", 1, Duration.ofMinutes(5)))
            .setErrorClass(ErrorClass.REAUTHORIZE)
            .setMessage("connect c1 again")
            .build());
    var waiting = RunLog.record(run.run()).getSteps().getFirst();
    Run other = run.run().resume("c2", NOW);
    Run resumed = run.run().resume("c1", NOW);

    // then
    assertThat(waiting.getStatus()).isEqualTo(StepStatus.WAITING);
    assertThat(waiting.getErrorMessage()).contains("connect c1 again");
    assertThat(waiting.getNextAttemptAt()).contains(NOW.plus(Duration.ofMinutes(5)));
    assertThat(other).isEqualTo(run.run());
    assertThat(((Open) state(resumed, "a")).dueAt()).isEqualTo(NOW);
    assertThat(resumed.transition()).as("nothing new to see").isEqualTo(run.run().transition());
  }

  @Test
  void whatNobodyConnectsAgainFailsAfterAWeekAndSaysWhy() {
    // given
    GuidedRun run = run(step("a").connection("c1").step());
    run.begin();

    // when
    for (int i = 0; i < 10_000 && !run.run().finished(); i++) {
      run.answer(
          run.outcome("a", null)
              .setKind(OutcomeKind.DEFERRED)
              .setRetryAfterMillis(Duration.ofMinutes(5).toMillis())
              .setErrorClass(ErrorClass.REAUTHORIZE)
              .setMessage("connect c1 again")
              .build());
      if (!run.run().finished()) {
        run.fireNextTimer();
      }
    }

    // then
    assertThat(((Failed) state(run.run(), "a")).answer().message()).isEqualTo("connect c1 again");
    assertThat(run.run().finishedAt().orElseThrow())
        .isBetween(NOW.plus(Duration.ofDays(7)), NOW.plus(Duration.ofDays(8)));
    assertThat(run.shown()).as("each look is not shown").isLessThan(5);
  }

  @Test
  void aRunThatIsGivenUpEndsWithTheReason() {
    // given
    GuidedRun run = run(step("a").step(), step("b").after("a").step());
    run.begin();

    // when
    Run after = run.run().giveUp("expected a complete plan", NOW);

    // then
    assertThat(after.status()).isEqualTo(RunStatus.FAILED);
    assertThat(state(after, "b"))
        .isEqualTo(new Failed(null, Answer.permanent("expected a complete plan"), NOW));
    assertThat(RunLog.issued(state(after, "a"))).isEqualTo(1);
  }

  @Test
  void stepsThatWaitForOneAnotherAreRefused() {
    // when, then
    assertThatThrownBy(() -> run(step("a").after("b").step(), step("b").after("a").step()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("wait for one another");
  }

  @Test
  void aStepThatWaitsForOneThatIsNotThereIsRefused() {
    // when, then
    assertThatThrownBy(() -> run(step("a").after("x").step()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the step a waits for the step x");
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }
}
