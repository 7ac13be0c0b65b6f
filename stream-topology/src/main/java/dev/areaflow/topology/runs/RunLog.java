package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.CollectedEvent;
import dev.areaflow.schemas.avro.ItemsRecord;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepRecord;
import dev.areaflow.topology.rules.Kept;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Chosen;
import dev.areaflow.topology.runs.StepState.Closed;
import dev.areaflow.topology.runs.StepState.Deferred;
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
import dev.areaflow.topology.runs.StepState.Waiting;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the run log is told. */
public final class RunLog {
  /** Why a replay leaves a step out, in words for the AREA's owner. */
  static final String WITHHELD =
      "A replay leaves it out: it is not known to be safe to repeat. Force the replay to have it"
          + " done.";

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
   * @param status one that is no run's: {@code FILTERED}, {@code KEPT}, {@code DROPPED}, {@code
   *     DUPLICATE} or {@code ERROR}
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
        steps,
        cause.replay() == null ? null : cause.replay().id());
  }

  private static CollectedEvent record(Kept event) {
    return new CollectedEvent(
        event.id(), event.hookId(), event.partition(), event.offset(), event.at());
  }

  private static StepRecord record(Run run, Step step) {
    StepState state = step.state();
    @Nullable Answer answer = answer(state);
    @Nullable Tries tries = tries(state);
    return new StepRecord(
        step.id(),
        run.commandId(step.id()),
        state.status(),
        attempts(state),
        answer == null ? null : answer.status(),
        answer == null ? null : answer.errorClass(),
        answer == null ? null : answer.message(),
        answer == null ? null : answer.response(),
        nextAttemptAt(state),
        tries == null ? loop(state).map(Loop::startedAt).orElse(null) : tries.startedAt(),
        state instanceof Closed closed ? closed.at() : null,
        state instanceof Chosen chosen ? chosen.branch() : null,
        loop(state).map(RunLog::record).orElse(null),
        state instanceof Skipped && step.call().handling().withheld() ? WITHHELD : null);
  }

  private static ItemsRecord record(Loop loop) {
    return new ItemsRecord(loop.total(), loop.succeeded(), loop.failed().size());
  }

  private static Optional<Loop> loop(StepState state) {
    return switch (state) {
      case Looping looping -> Optional.of(looping.loop());
      case Looped looped -> Optional.of(looped.loop());
      default -> Optional.empty();
    };
  }

  /** What a step's last call brought, or of a repeated one the first that failed. */
  static @Nullable Answer answer(StepState state) {
    return switch (state) {
      case Open open -> open.last();
      case Succeeded s -> s.answer();
      case Failed s -> s.answer();
      case Unknown s -> s.answer();
      case Cancelled s -> s.last();
      case Looping s -> s.loop().problem();
      case Looped s -> s.loop().problem();
      case Pending _, Delayed _, Skipped _, Chosen _ -> null;
    };
  }

  private static @Nullable Tries tries(StepState state) {
    return switch (state) {
      case Open open -> open.tries();
      case Succeeded s -> s.tries();
      case Failed s -> s.tries();
      case Unknown s -> s.tries();
      case Cancelled s -> s.tries();
      case Looping _, Looped _, Pending _, Delayed _, Skipped _, Chosen _ -> null;
    };
  }

  private static @Nullable Instant nextAttemptAt(StepState state) {
    return switch (state) {
      case Waiting s -> s.dueAt();
      case Delayed s -> s.dueAt();
      case Deferred s -> s.waitsForOwner() ? s.dueAt() : null;
      case Pending _, Running _, Looping _, Closed _ -> null;
    };
  }

  /** The highest attempt number of a step so far. */
  static int issued(StepState state) {
    @Nullable Tries tries = tries(state);
    return switch (state) {
      case Pending s -> s.issued();
      case Delayed s -> s.issued();
      case Skipped s -> s.issued();
      case Looping s -> s.loop().issued();
      case Looped s -> s.loop().issued();
      case Open _, Closed _ -> tries == null ? 0 : tries.issued();
    };
  }

  /** Failed tries, and the one in hand or the one that succeeded. */
  static int attempts(StepState state) {
    @Nullable Tries tries = tries(state);
    if (tries == null) {
      return 0;
    }
    return switch (state) {
      case Running _, Succeeded _ -> tries.failed() + 1;
      case Unknown _ -> Math.max(1, tries.failed());
      default -> tries.failed();
    };
  }
}
