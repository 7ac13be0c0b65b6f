package dev.areaflow.topology.runs;

import static dev.areaflow.topology.runs.Samples.NOW;
import static dev.areaflow.topology.runs.Samples.POLICY;
import static dev.areaflow.topology.runs.Samples.afterDue;
import static dev.areaflow.topology.runs.Samples.begun;
import static dev.areaflow.topology.runs.Samples.deferred;
import static dev.areaflow.topology.runs.Samples.dueAt;
import static dev.areaflow.topology.runs.Samples.expired;
import static dev.areaflow.topology.runs.Samples.failed;
import static dev.areaflow.topology.runs.Samples.retryable;
import static dev.areaflow.topology.runs.Samples.state;
import static dev.areaflow.topology.runs.Samples.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Deferred;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Running;
import dev.areaflow.topology.runs.StepState.Succeeded;
import dev.areaflow.topology.runs.StepState.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RunTest {
  @Test
  void aSuccessEndsTheStepAndTheRun() {
    // given
    Run run = begun("a");

    // when
    Run after = run.on(succeeded(run, "a", 1), NOW.plusSeconds(1), POLICY);

    // then
    assertThat(after.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(after.finishedAt()).contains(NOW.plusSeconds(1));
    assertThat(after.transition()).isEqualTo(1);
  }

  @Test
  void ofALongAnswerTheBeginningIsKept() {
    // given
    Run run = begun("a");
    Outcome outcome =
        Outcome.newBuilder(succeeded(run, "a", 1))
            .setMessage("m".repeat(5_000))
            .setResponse("x".repeat(2_047) + "\uD83D\uDE00".repeat(9))
            .build();

    // when
    Run after = run.on(outcome, NOW, POLICY);

    // then
    Answer answer = ((Succeeded) state(after, "a")).answer();
    assertThat(answer.message()).isEqualTo("m".repeat(2_048));
    assertThat(answer.response()).isEqualTo("x".repeat(2_047));
  }

  @Test
  void aRunLastsUntilAllItsStepsEnded() {
    // given
    Run run = begun("a", "b");

    // when
    Run after = run.on(succeeded(run, "a", 1), NOW, POLICY);

    // then
    assertThat(after.status()).isEqualTo(RunStatus.RUNNING);
    assertThat(after.on(succeeded(run, "b", 1), NOW, POLICY).status())
        .isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void oneFailedStepMakesTheRunFail() {
    // given
    Run run = begun("a", "b");

    // when
    Run after =
        run.on(failed(run, "a", 1, ErrorClass.PERMANENT), NOW, POLICY)
            .on(succeeded(run, "b", 1), NOW, POLICY);

    // then
    assertThat(after.status()).isEqualTo(RunStatus.FAILED);
    assertThat(state(after, "a")).isInstanceOf(Failed.class);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RETRYABLE")
  void onlyARetryableFailureIsTriedAgain(ErrorClass errorClass) {
    // given
    Run run = begun("a");

    // when
    Run after = run.on(failed(run, "a", 1, errorClass), NOW, POLICY);

    // then
    assertThat(state(after, "a")).isInstanceOf(Failed.class);
  }

  @Test
  void aStepIsTriedOnceAndEightTimesMore() {
    // given
    Run run = begun("a");
    Duration waited = Duration.ZERO;

    // when
    for (int attempt = 1; attempt <= 8; attempt++) {
      run = run.on(retryable(run, "a", attempt), NOW, POLICY);
      assertThat(state(run, "a")).isInstanceOf(Waiting.class);
      waited = waited.plus(Duration.between(NOW, dueAt(run, "a")));
      run = run.due("a", dueAt(run, "a"), NOW, POLICY);
      assertThat(state(run, "a")).isInstanceOf(Running.class);
    }
    run = run.on(retryable(run, "a", 9), NOW, POLICY);

    // then
    assertThat(state(run, "a")).isInstanceOf(Failed.class);
    assertThat(RunLog.record(run).getSteps().getFirst().getAttempts()).isEqualTo(9);
    assertThat(waited).isBetween(Duration.ofHours(18), Duration.ofHours(30));
  }

  @Test
  void theFirstOutcomeOfAnAttemptCounts() {
    // given
    Run run = begun("a");
    Run waiting = run.on(retryable(run, "a", 1), NOW, POLICY);

    // when
    Run after =
        waiting.on(succeeded(run, "a", 1), NOW, POLICY).on(retryable(run, "a", 1), NOW, POLICY);

    // then
    assertThat(after).isEqualTo(waiting);
  }

  @Test
  void aLateSuccessOfAnUnansweredAttemptEndsTheWaitForAnother() {
    // given
    Run run = begun("a");
    Run again = afterDue(run, "a");
    Run waiting = again.on(retryable(run, "a", 2), dueAt(run, "a"), POLICY);

    // when
    Run after = waiting.on(succeeded(run, "a", 1), dueAt(run, "a"), POLICY);

    // then
    assertThat(state(waiting, "a")).isInstanceOf(Waiting.class);
    assertThat(state(after, "a")).isInstanceOf(Succeeded.class);
    assertThat(Change.between(waiting, after).cleared()).hasSize(1);
  }

  @Test
  void aLateFailureOfAnUnansweredAttemptChangesNothing() {
    // given
    Run run = begun("a");
    Run again = afterDue(run, "a");

    // when
    Run after = again.on(retryable(run, "a", 1), NOW, POLICY);

    // then
    assertThat(after).isEqualTo(again);
  }

  @Test
  void aFinishedRunIgnoresTheRest() {
    // given
    Run run = begun("a");
    Run finished = run.on(failed(run, "a", 1, ErrorClass.PERMANENT), NOW, POLICY);

    // when
    Run after = finished.on(succeeded(run, "a", 1), NOW, POLICY);

    // then
    assertThat(after).isEqualTo(finished);
  }

  @Test
  void aCommandThatNobodyAnsweredIsIssuedAgainAndSpendsNoTry() {
    // given
    Run run = begun("a");

    // when
    Run after = afterDue(run, "a");

    // then
    Change change = Change.between(run, after);
    assertThat(change.commands())
        .singleElement()
        .satisfies(
            command -> {
              assertThat(command.getAttempt()).isEqualTo(2);
              assertThat(command.getId()).isEqualTo(run.commandId("a"));
              assertThat(command.getNotAfter()).isAfter(dueAt(run, "a"));
            });
    assertThat(change.log()).isEmpty();
    assertThat(RunLog.record(after).getSteps().getFirst().getAttempts()).isEqualTo(1);
  }

  @Test
  void commandsThatNobodyAnswersBecomeRarer() {
    // given
    Run run = begun("a");
    Duration first = Duration.between(NOW, dueAt(run, "a"));

    // when
    int issued = 0;
    while (dueAt(run, "a").isBefore(NOW.plus(Duration.ofHours(24)))) {
      run = afterDue(run, "a");
      issued++;
    }

    // then
    assertThat(first).isEqualTo(Duration.ofSeconds(100));
    assertThat(issued).isLessThan(32);
  }

  @Test
  void aStepThatNobodyCarriesOutFailsAfterAWeek() {
    // given
    Run run = begun("a");

    // when
    for (int i = 0; i < 1_000 && !run.finished(); i++) {
      run = afterDue(run, "a");
    }

    // then
    assertThat(run.status()).isEqualTo(RunStatus.FAILED);
    assertThat(run.finishedAt().orElseThrow())
        .isBetween(NOW.plus(Duration.ofDays(7)), NOW.plus(Duration.ofDays(8)));
  }

  @Test
  void aTimerThatWasOvertakenChangesNothing() {
    // given
    Run run = begun("a");
    Run waiting = run.on(retryable(run, "a", 1), NOW, POLICY);

    // when
    Run after = waiting.due("a", dueAt(run, "a"), dueAt(run, "a"), POLICY);

    // then
    assertThat(after).isEqualTo(waiting);
  }

  @Test
  void aDeferredCommandWaitsAsLongAsAskedAndSpendsNoTry() {
    // given
    Run run = begun("a");

    // when
    Run after = run.on(deferred(run, "a", 1, Duration.ofSeconds(7)), NOW, POLICY);

    // then
    assertThat(state(after, "a")).isInstanceOf(Deferred.class);
    assertThat(dueAt(after, "a")).isEqualTo(NOW.plusSeconds(7));
    assertThat(after.transition()).isZero();
    assertThat(((Running) state(afterDue(after, "a"), "a")).tries().failed()).isZero();
  }

  @Test
  void anExpiredCommandIsIssuedAgainAfterASecondAndSpendsNoTry() {
    // given
    Run run = begun("a");

    // when
    Run after = run.on(expired(run, "a", 1), NOW.plusSeconds(61), POLICY);

    // then
    assertThat(dueAt(after, "a")).isEqualTo(NOW.plusSeconds(62));
    Running running = (Running) state(afterDue(after, "a"), "a");
    assertThat(running.tries().issued()).isEqualTo(2);
    assertThat(running.tries().failed()).isZero();
    assertThat(running.notAfter()).isEqualTo(NOW.plusSeconds(122));
  }

  @Test
  void aCommandThatExpiresAgainAndAgainIsIssuedEverMoreSlowly() {
    // given
    Run run = begun("a");

    // when
    List<Duration> pauses = new ArrayList<>();
    for (int attempt = 1; attempt <= 8; attempt++) {
      Run back = run.on(expired(run, "a", attempt), NOW, POLICY);
      pauses.add(Duration.between(NOW, dueAt(back, "a")));
      run = afterDue(back, "a");
    }

    // then
    assertThat(pauses.stream().map(Duration::toSeconds))
        .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
  }

  @Test
  void anOldCommandThatExpiresIsNotIssuedTwice() {
    // given
    Run run = begun("a");
    Run again = afterDue(run, "a");

    // when
    Run after = again.on(expired(run, "a", 1), dueAt(run, "a"), POLICY);

    // then
    assertThat(after).isEqualTo(again);
  }

  @Test
  void cancellingStopsWhatIsOpenOnly() {
    // given
    Run run = begun("a", "b");
    Run half = run.on(succeeded(run, "a", 1), NOW, POLICY);

    // when
    Run after = half.cancel(NOW.plusSeconds(2));

    // then
    assertThat(state(after, "a")).isInstanceOf(Succeeded.class);
    assertThat(state(after, "b")).isInstanceOf(Cancelled.class);
    assertThat(after.status()).isEqualTo(RunStatus.CANCELLED);
  }

  @Test
  void theLogTellsOfARetryAndWhenItIsDue() {
    // given
    Run run = begun("a");

    // when
    Run after = run.on(retryable(run, "a", 1), NOW, POLICY);

    // then
    var step = Change.between(run, after).log().orElseThrow().getSteps().getFirst();
    assertThat(step.getStatus()).isEqualTo(StepStatus.WAITING);
    assertThat(step.getNextAttemptAt()).contains(dueAt(after, "a"));
    assertThat(step.getErrorMessage()).contains("it did not work");
    assertThat(step.getAttempts()).isEqualTo(1);
  }
}
