package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.runs.RunId;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Closed;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Open;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One match of one event by one AREA, and the execution of its reactions, in parallel. A value:
 * each transition gives the next run, and {@link Change} says what follows from the difference.
 *
 * @param id leads to {@code cause.recordedAt()}
 * @param subject the AREA
 * @param cause the event
 * @param transition counts what the run log has to show, from 0
 * @param steps in the order of the AREA's reactions
 */
public record Run(RunId id, Subject subject, Cause cause, int transition, List<Step> steps) {

  public Run {
    steps = List.copyOf(steps);
  }

  /** A run that begins with these steps. */
  public static Run of(Subject subject, Cause cause, List<Step> steps) {
    return new Run(id(subject, cause), subject, cause, 0, steps);
  }

  /** The identity of a decision, whether or not it makes a run. */
  public static RunId id(Subject subject, Cause cause) {
    return RunId.of(
        cause.recordedAt(),
        subject.areaId(),
        subject.version(),
        cause.hookId(),
        cause.eventId(),
        cause.generation());
  }

  /** The command of a step, the same for all its attempts: the idempotency key of its calls. */
  public String commandId(String stepId) {
    return id + "." + stepId;
  }

  /** The run after an outcome; the same where it changes nothing. */
  public Run on(Outcome outcome, Instant now, RetryPolicy policy) {
    return change(outcome.getStepId(), step -> step.on(outcome, commandId(step.id()), now, policy));
  }

  /**
   * The run after a step's timer fired; the same where the step waits for another time by now.
   *
   * @param at when the timer was due
   */
  public Run due(String stepId, Instant at, Instant now, RetryPolicy policy) {
    return change(stepId, step -> step.due(at, now, policy));
  }

  /** The run with every open step stopped. */
  public Run cancel(Instant now) {
    return withSteps(steps.stream().map(step -> step.cancel(now)).toList());
  }

  public boolean finished() {
    return steps.stream().allMatch(step -> step.state() instanceof Closed);
  }

  public RunStatus status() {
    if (any(Open.class)) {
      return RunStatus.RUNNING;
    }
    if (any(Cancelled.class)) {
      return RunStatus.CANCELLED;
    }
    return any(Failed.class) ? RunStatus.FAILED : RunStatus.SUCCEEDED;
  }

  /** When its last step ended, where all have. */
  Optional<Instant> finishedAt() {
    return finished()
        ? steps.stream().map(step -> ((Closed) step.state()).at()).max(Instant::compareTo)
        : Optional.empty();
  }

  private boolean any(Class<? extends StepState> kind) {
    return steps.stream().anyMatch(step -> kind.isInstance(step.state()));
  }

  private Run change(String stepId, UnaryOperator<Step> transition) {
    return withSteps(
        steps.stream()
            .map(step -> step.id().equals(stepId) ? transition.apply(step) : step)
            .toList());
  }

  private Run withSteps(List<Step> next) {
    if (next.equals(steps)) {
      return this;
    }
    boolean shows = false;
    for (int i = 0; i < next.size(); i++) {
      shows |= next.get(i).state().status() != steps.get(i).state().status();
    }
    return new Run(id, subject, cause, shows ? transition + 1 : transition, next);
  }
}
