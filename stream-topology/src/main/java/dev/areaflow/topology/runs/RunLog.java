package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.CollectedEvent;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepRecord;
import dev.areaflow.topology.rules.Kept;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Closed;
import dev.areaflow.topology.runs.StepState.Deferred;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Running;
import dev.areaflow.topology.runs.StepState.Skipped;
import dev.areaflow.topology.runs.StepState.Succeeded;
import dev.areaflow.topology.runs.StepState.Waiting;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the run log is told. */
public final class RunLog {
  private RunLog() {}

  /** Where a run stands. */
  static RunRecord record(Run run) {
    return record(
        run.id().toString(),
        run.subject(),
        run.cause(),
        run.transition(),
        run.status(),
        null,
        run.finishedAt().orElse(null),
        run.steps().stream().map(step -> record(run, step)).toList());
  }

  /**
   * That an event made no run for an AREA.
   *
   * @param status {@code FILTERED}, {@code ERROR} or {@code DUPLICATE}
   * @param detail why, where there is more to say
   */
  public static RunRecord verdict(
      Subject subject, Cause cause, RunStatus status, @Nullable String detail) {
    return record(
        Run.id(subject, cause).toString(),
        subject,
        cause,
        0,
        status,
        detail,
        cause.recordedAt(),
        List.of());
  }

  private static RunRecord record(
      String id,
      Subject subject,
      Cause cause,
      int transition,
      RunStatus status,
      @Nullable String detail,
      @Nullable Instant finishedAt,
      List<StepRecord> steps) {
    return new RunRecord(
        id,
        subject.areaId(),
        subject.version(),
        subject.ownerId(),
        subject.home(),
        cause.hookId(),
        cause.eventId(),
        cause.partition(),
        cause.offset(),
        cause.acceptedAt(),
        cause.generation(),
        transition,
        status,
        detail,
        cause.recordedAt(),
        finishedAt,
        cause.events().stream().map(RunLog::record).toList(),
        steps);
  }

  private static CollectedEvent record(Kept event) {
    return new CollectedEvent(
        event.id(), event.hookId(), event.partition(), event.offset(), event.at());
  }

  private static StepRecord record(Run run, Step step) {
    String commandId = run.commandId(step.id());
    return switch (step.state()) {
      case Running s -> record(step, commandId, s.tries(), s.last(), null);
      case Waiting s -> record(step, commandId, s.tries(), s.last(), s.dueAt());
      case Deferred s -> record(step, commandId, s.tries(), s.last(), null);
      case Succeeded s -> record(step, commandId, s.tries(), s.answer(), null);
      case Failed s -> record(step, commandId, s.tries(), s.answer(), null);
      case Skipped _ -> record(step, commandId, null, null, null);
      case Cancelled s -> record(step, commandId, s.tries(), s.last(), null);
    };
  }

  private static StepRecord record(
      Step step,
      String commandId,
      @Nullable Tries tries,
      @Nullable Answer answer,
      @Nullable Instant nextAttemptAt) {
    return new StepRecord(
        step.id(),
        commandId,
        step.state().status(),
        attempts(step.state(), tries),
        answer == null ? null : answer.status(),
        answer == null ? null : answer.errorClass(),
        answer == null ? null : answer.message(),
        answer == null ? null : answer.response(),
        nextAttemptAt,
        tries == null ? null : tries.startedAt(),
        step.state() instanceof Closed closed ? closed.at() : null,
        null,
        null);
  }

  /** Failed tries, and the one in hand or the one that succeeded. */
  private static int attempts(StepState state, @Nullable Tries tries) {
    if (tries == null) {
      return 0;
    }
    return switch (state) {
      case Running _, Succeeded _ -> tries.failed() + 1;
      case Waiting _, Deferred _, Failed _, Skipped _, Cancelled _ -> tries.failed();
    };
  }
}
