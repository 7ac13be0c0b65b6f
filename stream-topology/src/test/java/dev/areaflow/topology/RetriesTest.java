package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.START;
import static dev.areaflow.topology.Harness.area;
import static dev.areaflow.topology.Harness.event;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.OutcomeKind;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What follows when a call fails, comes late, or is never answered; by the wall clock. */
final class RetriesTest {
  private static final List<Duration> SCHEDULE =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10),
          Duration.ofHours(1),
          Duration.ofHours(3),
          Duration.ofHours(8),
          Duration.ofHours(12));

  @TempDir private Path directory;
  private Harness topology;

  @BeforeEach
  void open() {
    topology = new Harness(directory);
    topology.define(area(1, null));
    topology.happen(event("e1", "{\"title\":\"bug\"}"));
  }

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void aFailedCallIsTriedEightTimesMoreOnSchedule() {
    // given
    Command command = topology.command();
    topology.runs();

    // when
    for (int retry = 1; retry <= SCHEDULE.size(); retry++) {
      Duration delay = SCHEDULE.get(retry - 1);
      topology.fail(command, ErrorClass.RETRYABLE);
      topology.pass(delay.multipliedBy(79).dividedBy(100));
      assertThat(topology.commands()).as("too early for retry " + retry).isEmpty();
      topology.pass(delay.multipliedBy(41).dividedBy(100).plusMillis(250));
      command = topology.command();
      assertThat(command.getAttempt()).isEqualTo(retry + 1);
      assertThat(command.getNotAfter()).isEqualTo(topology.now().plusSeconds(60));
    }
    topology.fail(command, ErrorClass.RETRYABLE);
    topology.pass(Duration.ofDays(2));

    // then
    assertThat(topology.commands()).isEmpty();
    RunRecord last = topology.runs().getLast();
    assertThat(last.getStatus()).isEqualTo(RunStatus.FAILED);
    assertThat(last.getSteps().getFirst().getAttempts()).isEqualTo(9);
    assertThat(last.getSteps().getFirst().getErrorMessage()).contains("503 from the provider");
  }

  @Test
  void everyAttemptIsTheSameCommand() {
    // given
    Command first = topology.command();

    // when
    topology.fail(first, ErrorClass.RETRYABLE);
    topology.pass(Duration.ofSeconds(7));

    // then
    Command second = topology.command();
    assertThat(second.getId()).isEqualTo(first.getId());
    assertThat(second.getInputs()).isEqualTo(first.getInputs());
  }

  @Test
  void theRunLogFollowsTheRetry() {
    // given
    Command first = topology.command();

    // when
    topology.fail(first, ErrorClass.RETRYABLE);
    topology.pass(Duration.ofSeconds(7));
    topology.succeed(topology.command());

    // then
    List<RunRecord> runs = topology.runs();
    assertThat(runs).extracting(RunRecord::getTransition).containsExactly(0, 1, 2, 3);
    assertThat(runs.stream().map(r -> r.getSteps().getFirst().getStatus()))
        .containsExactly(
            StepStatus.RUNNING, StepStatus.WAITING, StepStatus.RUNNING, StepStatus.SUCCEEDED);
    assertThat(runs.getLast().getSteps().getFirst().getAttempts()).isEqualTo(2);
  }

  @Test
  void retryAfterIsObeyed() {
    // given
    Command command = topology.command();

    // when
    topology.answer(
        Harness.outcome(command)
            .setKind(OutcomeKind.FAILED)
            .setErrorClass(ErrorClass.RETRYABLE)
            .setStatus(429)
            .setRetryAfterMillis(90_000L)
            .build());
    topology.pass(Duration.ofSeconds(89));

    // then
    assertThat(topology.commands()).isEmpty();
    topology.pass(Duration.ofSeconds(2));
    assertThat(topology.command().getAttempt()).isEqualTo(2);
  }

  @Test
  void aCommandThatNobodyAnswersIsIssuedAgainAfterItsDeadline() {
    // given
    Command first = topology.command();
    assertThat(first.getNotAfter()).isEqualTo(START.plusSeconds(60));

    // when
    topology.pass(Duration.ofSeconds(84));
    boolean early = !topology.commands().isEmpty();
    topology.pass(Duration.ofSeconds(2));

    // then
    assertThat(early).isFalse();
    Command second = topology.command();
    assertThat(second.getId()).isEqualTo(first.getId());
    assertThat(second.getAttempt()).isEqualTo(2);
  }

  @Test
  void deadlinesThatPassedInDowntimeFireOnceTheTaskHasCaughtUp(@TempDir Path other) {
    try (Harness late = Harness.catchingUp(other)) {
      // given
      late.define(area(1, null));
      late.happen(event("e1", "{\"title\":\"bug\"}"));
      late.commands();

      // when
      late.pass(Duration.ofSeconds(102));
      late.pass(Duration.ofSeconds(1));

      // then
      assertThat(late.command().getAttempt()).isEqualTo(2);
    }
  }

  @Test
  void aSuccessThatComesAfterTheDeadlineEndsTheRun() {
    // given
    Command first = topology.command();
    topology.pass(Duration.ofSeconds(101));
    Command second = topology.command();
    topology.fail(second, ErrorClass.RETRYABLE);
    topology.runs();

    // when
    topology.succeed(first);
    topology.pass(Duration.ofDays(1));

    // then
    assertThat(topology.runStatuses()).containsExactly(RunStatus.SUCCEEDED);
    assertThat(topology.commands()).isEmpty();
  }

  @Test
  void aFinishedRunIgnoresFurtherOutcomes() {
    // given
    Command command = topology.command();
    topology.succeed(command);
    topology.runs();

    // when
    topology.fail(command, ErrorClass.RETRYABLE);

    // then
    assertThat(topology.runs()).isEmpty();
    assertThat(topology.counted("areaflow.topology.outcomes.ignored")).isEqualTo(1);
  }

  @Test
  void anAnsweredAttemptIgnoresASecondAnswer() {
    // given
    Command command = topology.command();
    topology.fail(command, ErrorClass.RETRYABLE);
    topology.runs();

    // when
    topology.succeed(command);

    // then
    assertThat(topology.runs()).isEmpty();
  }

  @Test
  void aDeferredCommandComesBackWithoutSpendingATry() {
    // given
    Command command = topology.command();

    // when
    topology.answer(
        Harness.outcome(command).setKind(OutcomeKind.DEFERRED).setRetryAfterMillis(1_000L).build());
    topology.pass(Duration.ofMillis(1_250));
    topology.succeed(topology.command());

    // then
    assertThat(topology.runs().getLast().getSteps().getFirst().getAttempts()).isEqualTo(1);
  }

  @Test
  void anExpiredCommandComesBackAfterAPause() {
    // given
    Command command = topology.command();

    // when
    topology.answer(Harness.outcome(command).setKind(OutcomeKind.EXPIRED).build());
    boolean atOnce = !topology.commands().isEmpty();
    topology.pass(Duration.ofMillis(1_250));

    // then
    assertThat(atOnce).isFalse();
    assertThat(topology.command().getAttempt()).isEqualTo(2);
  }

  @Test
  void timersLeaveNothingBehind() {
    // given
    Command command = topology.command();
    topology.fail(command, ErrorClass.RETRYABLE);
    topology.pass(Duration.ofSeconds(7));

    // when
    topology.succeed(topology.command());

    // then
    try (var timers = topology.driver().getKeyValueStore(TaskStores.TIMERS).all()) {
      assertThat(timers.hasNext()).isFalse();
    }
    try (var runs = topology.driver().getKeyValueStore(TaskStores.RUNS).all()) {
      assertThat(runs.hasNext()).isFalse();
    }
  }

  @Test
  void manyTimersThatFallDueTogetherAllFire() {
    // given
    for (int i = 0; i < 1_199; i++) {
      topology.happen(event("more-" + i, "{\"title\":\"bug\"}"));
    }
    topology.commands();

    // when
    topology.pass(Duration.ofSeconds(101));
    topology.pass(Duration.ofMillis(250));
    topology.pass(Duration.ofMillis(250));

    // then
    assertThat(topology.commands()).hasSize(1_200).doesNotHaveDuplicates();
  }
}
