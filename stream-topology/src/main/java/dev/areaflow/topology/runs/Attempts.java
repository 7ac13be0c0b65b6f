package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Deferred;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Open;
import dev.areaflow.topology.runs.StepState.Running;
import dev.areaflow.topology.runs.StepState.Succeeded;
import dev.areaflow.topology.runs.StepState.Unknown;
import dev.areaflow.topology.runs.StepState.Waiting;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The attempts to make one call, of a step or of one of its items.
 *
 * @param commandId the same for all attempts
 */
record Attempts(String commandId, Handling handling, Instant now, RetryPolicy policy) {
  private static final String UNCONFIRMED =
      "nobody knows whether the call was made: no answer came; it is not made again, since it is"
          + " delivered at most once";

  /**
   * The first command issued.
   *
   * @param issued attempts that were issued before it was to begin anew
   */
  Running begin(int issued) {
    return running(Tries.first(now, issued), null);
  }

  /**
   * The state after an outcome; the same where it changes nothing. The first outcome of the attempt
   * in hand counts; of an earlier attempt that nobody answered only a success does, and it ends the
   * wait for another.
   */
  StepState on(Open state, Outcome outcome) {
    return state instanceof Running running && outcome.getAttempt() == running.tries().issued()
        ? answered(running, outcome)
        : late(state, outcome);
  }

  private StepState late(Open open, Outcome outcome) {
    return switch (outcome.getKind()) {
      case SUCCEEDED ->
          open.tries().unanswered().contains(outcome.getAttempt())
              ? new Succeeded(open.tries(), Answer.of(outcome), now)
              : open;
      case FAILED, DEFERRED, EXPIRED, UNKNOWN -> open;
    };
  }

  private StepState answered(Running running, Outcome outcome) {
    Tries tries = running.tries();
    return switch (outcome.getKind()) {
      case SUCCEEDED -> new Succeeded(tries, Answer.of(outcome), now);
      case FAILED -> failed(tries, Answer.of(outcome), retryAfter(outcome));
      case DEFERRED -> patient(running, deferred(running, outcome));
      case EXPIRED ->
          patient(
              running,
              new Deferred(tries, now.plus(policy.backOff(tries.returned())), running.last()));
      // Written by a newer executor; the deadline covers it.
      case UNKNOWN -> running;
    };
  }

  /** Where a person has to do something first, what they have to do is shown meanwhile. */
  private Deferred deferred(Running running, Outcome outcome) {
    Answer last = running.last();
    Answer answer = Answer.of(outcome);
    Instant dueAt = now.plus(policy.deferral(retryAfter(outcome)));
    if (answer.errorClass() == ErrorClass.REAUTHORIZE) {
      return new Deferred(running.tries(), dueAt, answer);
    }
    boolean isOver = last != null && last.errorClass() == ErrorClass.REAUTHORIZE;
    return new Deferred(running.tries(), dueAt, isOver ? null : last);
  }

  private StepState failed(Tries before, Answer answer, Duration retryAfter) {
    Tries tries = before.failedOnce();
    if (answer.errorClass() == ErrorClass.UNCONFIRMED && handling.atMostOnce()) {
      return new Unknown(tries, answer, now);
    }
    if (!handling.retries(answer.errorClass())) {
      return new Failed(tries, answer, now);
    }
    return policy
        .delay(commandId, tries.failed(), retryAfter, handling.retry())
        .<StepState>map(delay -> new Waiting(tries, now.plus(delay), answer))
        .orElseGet(() -> new Failed(tries, answer, now));
  }

  /**
   * The state after its timer fired.
   *
   * @param at when the timer was due; nothing happens if it waits for another time by now
   */
  StepState due(Open state, Instant at) {
    if (!state.dueAt().equals(at)) {
      return state;
    }
    return switch (state) {
      case Waiting waiting -> running(waiting.tries().next(), waiting.last());
      case Deferred deferred ->
          patient(deferred, running(deferred.tries().next(), deferred.last()));
      case Running lost when handling.atMostOnce() ->
          new Unknown(
              lost.tries(), new Answer(null, ErrorClass.UNCONFIRMED, UNCONFIRMED, null), now);
      case Running lost -> patient(lost, running(lost.tries().withoutAnswer().next(), lost.last()));
    };
  }

  /** The state of a call that is made no more. */
  Cancelled cancelled(Open state) {
    return new Cancelled(state.tries(), state.last(), now);
  }

  /**
   * The state after a late outcome of a call that nobody knew about.
   *
   * @return the same if it says nothing about it
   */
  StepState confirmed(Unknown state, Outcome outcome) {
    if (outcome.getAttempt() != state.tries().issued()) {
      return state;
    }
    Answer answer = Answer.of(outcome);
    return switch (outcome.getKind()) {
      case SUCCEEDED -> new Succeeded(state.tries(), answer, now);
      case FAILED ->
          answer.errorClass() == ErrorClass.UNCONFIRMED
              ? state
              : new Failed(state.tries().failedOnce(), answer, now);
      case DEFERRED, EXPIRED, UNKNOWN -> state;
    };
  }

  private StepState patient(Open before, StepState after) {
    if (!policy.exhausted(before.tries().startedAt(), now)) {
      return after;
    }
    Answer last = after instanceof Open open ? open.last() : null;
    return new Failed(
        before.tries(),
        last != null && last.errorClass() == ErrorClass.REAUTHORIZE
            ? last
            : Answer.permanent(
                "no executor carried the command out within "
                    + RetryPolicy.PATIENCE.toDays()
                    + " days"),
        now);
  }

  private Running running(Tries tries, @Nullable Answer last) {
    Instant notAfter = policy.notAfter(now, tries.unanswered().size());
    return new Running(tries, notAfter, policy.lostAt(notAfter, handling.timeout()), last);
  }

  private static Duration retryAfter(Outcome outcome) {
    return Duration.ofMillis(outcome.getRetryAfterMillis().orElse(0L));
  }
}
