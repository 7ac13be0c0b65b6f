package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Closed;
import dev.areaflow.topology.runs.StepState.Delayed;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Looped;
import dev.areaflow.topology.runs.StepState.Looping;
import dev.areaflow.topology.runs.StepState.Open;
import dev.areaflow.topology.runs.StepState.Pending;
import dev.areaflow.topology.runs.StepState.Skipped;
import dev.areaflow.topology.runs.StepState.Unknown;
import java.time.Instant;

/**
 * The execution of one reaction in one run.
 *
 * @param call what it does
 * @param state where it stands
 */
public record Step(Call call, StepState state) {

  /** A step with its first command issued. */
  public static Step begun(Call call, Instant now, RetryPolicy policy) {
    return new Step(call, new Attempts("", call.handling(), now, policy).begin(0));
  }

  /** A step that failed before anything was issued. */
  public static Step failed(Call call, String reason, Instant now) {
    return new Step(call, new Failed(null, Answer.permanent(reason), now));
  }

  /** A step that never begins. */
  public static Step skipped(Call call, Instant now) {
    return new Step(call, new Skipped(now, 0));
  }

  /** A step that waits for others, or for its run to begin. */
  public static Step pending(Call call) {
    return new Step(call, new Pending(0));
  }

  /** The reaction's id within its AREA. */
  public String id() {
    return call.stepId();
  }

  /** Whether its failure is the run's. */
  boolean failsRun() {
    return state instanceof Closed closed
        && closed.isFailure()
        && call.handling().onFailure() == Plan.OnFailure.STOP;
  }

  /** The step after an outcome of its command; the same where it changes nothing. */
  Step on(Outcome outcome, Attempts attempts) {
    return switch (state) {
      case Open open -> with(attempts.on(open, outcome));
      case Unknown unknown -> with(attempts.confirmed(unknown, outcome));
      case Pending _, Delayed _, Looping _, Closed _ -> this;
    };
  }

  /**
   * The step after its timer fired.
   *
   * @param at when the timer was due; nothing happens if the step waits for another time by now
   */
  Step due(Instant at, Attempts attempts) {
    return state instanceof Open open ? with(attempts.due(open, at)) : this;
  }

  /** The step stopped, unless it has ended. */
  Step cancel(Instant now) {
    return switch (state) {
      case Pending _, Delayed _ ->
          with(new Cancelled(Tries.before(now, RunLog.issued(state)), null, now));
      case Open open -> with(new Cancelled(open.tries(), open.last(), now));
      case Looping looping -> with(new Looped(looping.loop(), true, now));
      case Closed _ -> this;
    };
  }

  Step with(StepState next) {
    return new Step(call, next);
  }
}
