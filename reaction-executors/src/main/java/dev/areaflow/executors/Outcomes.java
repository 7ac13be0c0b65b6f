package dev.areaflow.executors;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.OutcomeKind;
import java.time.Duration;
import java.time.Instant;

/**
 * The outcomes that an attempt can have. Whatever text they are given, they keep at most 2 KiB of
 * it: an outcome becomes part of its run's record, which must stay small enough to be written.
 */
final class Outcomes {
  private Outcomes() {}

  /** No call was made, because its time was over; it spends no attempt. */
  static Outcome expired(Command command, Instant now) {
    return of(command, OutcomeKind.EXPIRED, now)
        .setMessage("not started: its time was over at " + command.getNotAfter())
        .build();
  }

  /** No call was made, because there is no room for it now; it spends no attempt. */
  static Outcome deferred(Command command, Instant now, Duration retryAfter, String reason) {
    return of(command, OutcomeKind.DEFERRED, now)
        .setMessage(Excerpt.bounded(reason))
        .setRetryAfterMillis(retryAfter.toMillis())
        .build();
  }

  /** Trying again cannot help. */
  static Outcome permanent(Command command, Instant now, String message) {
    return failed(command, now, ErrorClass.PERMANENT, message).build();
  }

  /**
   * The call broke off, and nobody knows whether it was made. It is tried again, unless its command
   * must not be carried out twice.
   */
  static Outcome unconfirmed(Command command, Instant now, String message) {
    return failed(command, now, classOfUnconfirmed(command), message).build();
  }

  static ErrorClass classOfUnconfirmed(Command command) {
    return command.getAtMostOnce() ? ErrorClass.UNCONFIRMED : ErrorClass.RETRYABLE;
  }

  static Outcome.Builder failed(
      Command command, Instant startedAt, ErrorClass errorClass, String message) {
    return of(command, OutcomeKind.FAILED, startedAt)
        .setErrorClass(errorClass)
        .setMessage(Excerpt.bounded(message));
  }

  static Outcome.Builder succeeded(Command command, Instant startedAt) {
    return of(command, OutcomeKind.SUCCEEDED, startedAt);
  }

  /** The same outcome with the answer that led to it. */
  static Outcome.Builder answered(Outcome.Builder outcome, int status, String response) {
    return outcome.setStatus(status).setResponse(Excerpt.bounded(response));
  }

  private static Outcome.Builder of(Command command, OutcomeKind kind, Instant startedAt) {
    return Outcome.newBuilder()
        .setCommandId(command.getId())
        .setHome(command.getHome())
        .setRunId(command.getRunId())
        .setStepId(command.getStepId())
        .setItem(command.getItem().orElse(null))
        .setAttempt(command.getAttempt())
        .setKind(kind)
        .setStartedAt(startedAt);
  }
}
