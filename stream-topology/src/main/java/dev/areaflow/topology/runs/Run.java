package dev.areaflow.topology.runs;

import static java.util.Objects.requireNonNull;

import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.runs.RunId;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Closed;
import dev.areaflow.topology.runs.StepState.Deferred;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Looped;
import dev.areaflow.topology.runs.StepState.Looping;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One match of one event by one AREA, and the execution of its reactions. A value: each transition
 * gives the next run, and {@link Change} says what follows from the difference. The transitions of
 * a run whose steps do not all begin with it are those of {@link Guide}.
 *
 * @param id leads to {@code cause.recordedAt()}
 * @param subject the AREA
 * @param cause the event
 * @param transition counts what the run log has to show, from 0
 * @param steps in the order of the AREA's reactions
 * @param guidance null of a run whose steps all begin with it
 */
public record Run(
    RunId id,
    Subject subject,
    Cause cause,
    int transition,
    List<Step> steps,
    @Nullable Guidance guidance) {

  public Run {
    steps = List.copyOf(steps);
  }

  /** A run that begins with these steps. */
  public static Run of(Subject subject, Cause cause, List<Step> steps) {
    return new Run(id(subject, cause), subject, cause, 0, steps, null);
  }

  /**
   * A run that has not begun, to be led by a {@link Guide}.
   *
   * @param serial whether the next run of the AREA waits for its end
   */
  public static Run guided(Subject subject, Cause cause, List<Call> calls, boolean serial) {
    return new Run(
        id(subject, cause),
        subject,
        cause,
        0,
        calls.stream().map(Step::pending).toList(),
        new Guidance(calls.size(), 0, serial, 0, null));
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

  /** The command of an item of a step that is repeated. */
  String commandId(String stepId, int item) {
    return commandId(stepId) + "." + item;
  }

  /** The run after an outcome; the same where it changes nothing. */
  public Run on(Outcome outcome, Instant now, RetryPolicy policy) {
    return change(outcome.getStepId(), step -> step.on(outcome, attempts(step, now, policy)));
  }

  /**
   * The run after a step's timer fired; the same where the step waits for another time by now.
   *
   * @param at when the timer was due
   */
  public Run due(String stepId, Instant at, Instant now, RetryPolicy policy) {
    return change(stepId, step -> step.due(at, attempts(step, now, policy)));
  }

  /** The run with every step stopped that has not ended. */
  public Run cancel(Instant now) {
    return with(
        steps.stream().map(step -> step.cancel(now)).toList(),
        guidance == null ? null : guidance.withPlace(0));
  }

  /** The run with every step failed that has not ended, for one reason. */
  public Run giveUp(String reason, Instant now) {
    return with(
        steps.stream()
            .map(
                step ->
                    step.state() instanceof Closed
                        ? step
                        : step.with(
                            new Failed(
                                Tries.before(now, RunLog.issued(step.state())),
                                Answer.permanent(reason),
                                now)))
            .toList(),
        guidance == null ? null : guidance.withPlace(0));
  }

  /** The run waiting for an earlier one of its AREA. */
  public Run queued(long place) {
    return new Run(
        id, subject, cause, transition, steps, requireNonNull(guidance).withPlace(place));
  }

  /** Whether the next run of the AREA waits for its end. */
  public boolean isSerial() {
    return guidance != null && guidance.serial();
  }

  /** The run with what waits for a person to connect again waiting no longer. */
  public Run resume(String connectionId, Instant now) {
    return with(
        steps.stream()
            .map(
                step ->
                    connectionId.equals(step.call().connectionId())
                        ? step.with(resumed(step.state(), now))
                        : step)
            .toList(),
        guidance);
  }

  private static StepState resumed(StepState state, Instant now) {
    return switch (state) {
      case Deferred deferred when deferred.waitsForOwner() && deferred.dueAt().isAfter(now) ->
          new Deferred(deferred.tries(), now, deferred.last());
      case Looping looping ->
          new Looping(
              looping.loop(),
              looping.active().stream()
                  .map(
                      item ->
                          new StepState.Item(
                              item.index(), (StepState.Open) resumed(item.state(), now)))
                  .toList(),
              looping.begunBefore());
      default -> state;
    };
  }

  /**
   * The run with the calls made again that made it fail or were stopped; the same where there are
   * none. What was never called could not be then, and cannot now.
   */
  public Run retry(Instant now, RetryPolicy policy) {
    return with(
        steps.stream()
            .map(
                step ->
                    isRetried(step)
                        ? step.with(attempts(step, now, policy).begin(RunLog.issued(step.state())))
                        : step)
            .toList(),
        guidance);
  }

  private static boolean isRetried(Step step) {
    return (step.failsRun() || isCancelled(step)) && RunLog.issued(step.state()) > 0;
  }

  public boolean finished() {
    return steps.stream().allMatch(step -> step.state() instanceof Closed);
  }

  /** Whether it waits for an earlier run of its AREA. */
  public boolean isQueued() {
    return guidance != null && guidance.isQueued();
  }

  public RunStatus status() {
    if (isQueued()) {
      return RunStatus.QUEUED;
    }
    if (!finished()) {
      return RunStatus.RUNNING;
    }
    if (ordinary().stream().anyMatch(Run::isCancelled)) {
      return RunStatus.CANCELLED;
    }
    return hasFailed() ? RunStatus.FAILED : RunStatus.SUCCEEDED;
  }

  static boolean isCancelled(Step step) {
    return step.state() instanceof Cancelled
        || (step.state() instanceof Looped looped && looped.stopped());
  }

  /** Whether a reaction's failure is that of the run, which may still go on. */
  public boolean hasFailed() {
    return ordinary().stream().anyMatch(Step::failsRun);
  }

  /** The AREA's reactions, without those that tell of failures. */
  List<Step> ordinary() {
    return guidance == null ? steps : steps.subList(0, guidance.ordinary());
  }

  /** A step of it. */
  Optional<Step> step(String stepId) {
    return steps.stream().filter(step -> step.id().equals(stepId)).findFirst();
  }

  /** When its last step ended, where all have. */
  public Optional<Instant> finishedAt() {
    return finished()
        ? steps.stream().map(step -> ((Closed) step.state()).at()).max(Instant::compareTo)
        : Optional.empty();
  }

  Attempts attempts(Step step, Instant now, RetryPolicy policy) {
    return new Attempts(commandId(step.id()), step.call().handling(), now, policy);
  }

  private Run change(String stepId, UnaryOperator<Step> transition) {
    return with(
        steps.stream()
            .map(step -> step.id().equals(stepId) ? transition.apply(step) : step)
            .toList(),
        guidance);
  }

  /** The next run, which shows if there is something to see. */
  Run with(List<Step> next, @Nullable Guidance nextGuidance) {
    Run after = new Run(id, subject, cause, transition, next, nextGuidance);
    if (after.equals(this)) {
      return this;
    }
    return looks(after) ? new Run(id, subject, cause, transition + 1, next, nextGuidance) : after;
  }

  private boolean looks(Run after) {
    if (after.steps.size() != steps.size() || after.isQueued() != isQueued()) {
      return true;
    }
    for (int i = 0; i < steps.size(); i++) {
      StepState before = steps.get(i).state();
      StepState now = after.steps.get(i).state();
      if (before.status() != now.status()
          || (before instanceof Looping old
              && now instanceof Looping young
              && old.loop().stage() != young.loop().stage())) {
        return true;
      }
    }
    return false;
  }
}
