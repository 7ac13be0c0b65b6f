package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.OutcomeKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Runs, outcomes and a policy to try transitions with. */
final class Samples {
  static final Instant NOW = Instant.parse("2026-07-01T10:00:00Z");
  static final Subject SUBJECT = new Subject("hook-1", "area-1", 3, "owner-1");
  static final Cause CAUSE =
      new Cause("event-1", "hook-1", 2, 77, NOW.minusMillis(40), NOW.minusMillis(30), 0);
  static final RetryPolicy POLICY =
      new RetryPolicy(
          List.of(
              Duration.ofSeconds(5),
              Duration.ofSeconds(30),
              Duration.ofMinutes(2),
              Duration.ofMinutes(10),
              Duration.ofHours(1),
              Duration.ofHours(3),
              Duration.ofHours(8),
              Duration.ofHours(12)),
          Duration.ofMinutes(1),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10));

  private Samples() {}

  static Run begun(String... steps) {
    return Run.of(
        SUBJECT, CAUSE, Arrays.stream(steps).map(id -> Step.begun(call(id), NOW, POLICY)).toList());
  }

  static Call call(String id) {
    return new Call(
        id, "http", "request", null, ByteBuffer.wrap("{}".getBytes(StandardCharsets.UTF_8)));
  }

  static Outcome succeeded(Run run, String step, int attempt) {
    return outcome(run, step, attempt).setKind(OutcomeKind.SUCCEEDED).setStatus(200).build();
  }

  static Outcome retryable(Run run, String step, int attempt) {
    return failed(run, step, attempt, ErrorClass.RETRYABLE);
  }

  static Outcome failed(Run run, String step, int attempt, ErrorClass errorClass) {
    return outcome(run, step, attempt)
        .setKind(OutcomeKind.FAILED)
        .setErrorClass(errorClass)
        .setMessage("it did not work")
        .build();
  }

  static Outcome deferred(Run run, String step, int attempt, Duration retryAfter) {
    return outcome(run, step, attempt)
        .setKind(OutcomeKind.DEFERRED)
        .setRetryAfterMillis(retryAfter.toMillis())
        .build();
  }

  static Outcome expired(Run run, String step, int attempt) {
    return outcome(run, step, attempt).setKind(OutcomeKind.EXPIRED).build();
  }

  private static Outcome.Builder outcome(Run run, String step, int attempt) {
    return Outcome.newBuilder()
        .setCommandId(run.commandId(step))
        .setHome(run.subject().home())
        .setRunId(run.id().toString())
        .setStepId(step)
        .setAttempt(attempt);
  }

  static StepState state(Run run, String step) {
    return run.steps().stream().filter(s -> s.id().equals(step)).findFirst().orElseThrow().state();
  }

  static Instant dueAt(Run run, String step) {
    return ((StepState.Open) state(run, step)).dueAt();
  }

  /** The run after the timer of an open step fired on time. */
  static Run afterDue(Run run, String step) {
    Instant due = dueAt(run, step);
    return run.due(step, due, due, POLICY);
  }
}
