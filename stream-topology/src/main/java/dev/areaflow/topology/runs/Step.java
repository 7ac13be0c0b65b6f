package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Closed;
import dev.areaflow.topology.runs.StepState.Deferred;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Open;
import dev.areaflow.topology.runs.StepState.Running;
import dev.areaflow.topology.runs.StepState.Skipped;
import dev.areaflow.topology.runs.StepState.Succeeded;
import dev.areaflow.topology.runs.StepState.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The execution of one reaction in one run.
 *
 * @param call what it does
 * @param state where it stands
 */
public record Step(Call call, StepState state) {

  /** A step with its first command issued. */
  public static Step begun(Call call, Instant now, RetryPolicy policy) {
    return new Step(call, running(Tries.first(now), null, now, policy));
  }

  /** A step that failed before anything was issued. */
  public static Step failed(Call call, String reason, Instant now) {
    return new Step(call, new Failed(null, Answer.permanent(reason), now));
  }

  /** A step that never begins. */
  public static Step skipped(Call call, Instant now) {
    return new Step(call, new Skipped(now));
  }

  /** The reaction's id within its AREA. */
  public String id() {
    return call.stepId();
  }

  /** The open state, where it is open. */
  Optional<Open> open() {
    return state instanceof Open open ? Optional.of(open) : Optional.empty();
  }

  /**
   * The step after an outcome; the same where it changes nothing. The first outcome of the attempt
   * in hand counts; of an earlier attempt that nobody answered only a success does, and it ends the
   * wait for another.
   */
  Step on(Outcome outcome, String commandId, Instant now, RetryPolicy policy) {
    return switch (state) {
      case Closed _ -> this;
      case Running running when outcome.getAttempt() == running.tries().issued() ->
          answered(running, outcome, commandId, now, policy);
      case Open open -> late(open, outcome, now);
    };
  }

  private Step late(Open open, Outcome outcome, Instant now) {
    return switch (outcome.getKind()) {
      case SUCCEEDED ->
          open.tries().unanswered().contains(outcome.getAttempt())
              ? with(new Succeeded(open.tries(), Answer.of(outcome), now))
              : this;
      case FAILED, DEFERRED, EXPIRED, UNKNOWN -> this;
    };
  }

  private Step answered(
      Running running, Outcome outcome, String commandId, Instant now, RetryPolicy policy) {
    Tries tries = running.tries();
    return switch (outcome.getKind()) {
      case SUCCEEDED -> with(new Succeeded(tries, Answer.of(outcome), now));
      case FAILED ->
          with(
              afterFailure(
                  tries.failedOnce(),
                  Answer.of(outcome),
                  commandId,
                  retryAfter(outcome),
                  now,
                  policy));
      case DEFERRED ->
          patient(
              running,
              now,
              policy,
              new Deferred(tries, now.plus(policy.deferral(retryAfter(outcome))), running.last()));
      case EXPIRED ->
          patient(
              running,
              now,
              policy,
              new Deferred(tries, now.plus(policy.backOff(tries.returned())), running.last()));
      // Written by a newer executor; the deadline covers it.
      case UNKNOWN -> this;
    };
  }

  /**
   * The step after its timer fired.
   *
   * @param at when the timer was due; nothing happens if the step waits for another time by now
   */
  Step due(Instant at, Instant now, RetryPolicy policy) {
    if (!(state instanceof Open open) || !open.dueAt().equals(at)) {
      return this;
    }
    return switch (open) {
      case Waiting waiting -> with(running(waiting.tries().next(), waiting.last(), now, policy));
      case Deferred deferred ->
          patient(
              deferred,
              now,
              policy,
              running(deferred.tries().next(), deferred.last(), now, policy));
      case Running lost ->
          patient(
              lost,
              now,
              policy,
              running(lost.tries().withoutAnswer().next(), lost.last(), now, policy));
    };
  }

  /** The step stopped, where it is still open. */
  Step cancel(Instant now) {
    return switch (state) {
      case Open open -> with(new Cancelled(open.tries(), open.last(), now));
      case Closed _ -> this;
    };
  }

  private static StepState afterFailure(
      Tries tries,
      Answer answer,
      String commandId,
      Duration retryAfter,
      Instant now,
      RetryPolicy policy) {
    if (answer.errorClass() != ErrorClass.RETRYABLE) {
      return new Failed(tries, answer, now);
    }
    return policy
        .delay(commandId, tries.failed(), retryAfter)
        .<StepState>map(delay -> new Waiting(tries, now.plus(delay), answer))
        .orElseGet(() -> new Failed(tries, answer, now));
  }

  private Step patient(Open before, Instant now, RetryPolicy policy, StepState after) {
    return policy.exhausted(before.tries().startedAt(), now)
        ? with(
            new Failed(
                before.tries(),
                Answer.permanent(
                    "no executor carried the command out within "
                        + RetryPolicy.PATIENCE.toDays()
                        + " days"),
                now))
        : with(after);
  }

  private static Running running(
      Tries tries, @Nullable Answer last, Instant now, RetryPolicy policy) {
    Instant notAfter = policy.notAfter(now, tries.unanswered().size());
    return new Running(tries, notAfter, policy.lostAt(notAfter), last);
  }

  private static Duration retryAfter(Outcome outcome) {
    return Duration.ofMillis(outcome.getRetryAfterMillis().orElse(0L));
  }

  private Step with(StepState next) {
    return new Step(call, next);
  }
}
