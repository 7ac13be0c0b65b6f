package dev.areaflow.topology.runs;

import dev.areaflow.expressions.Failure;
import dev.areaflow.schemas.avro.ErrorClass;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * A failure as it is told of.
 *
 * @param step the step that failed
 * @param attempts calls that were made
 * @param answer what the last one brought
 * @param failingSince since when the AREA's runs fail
 */
public record RunError(String step, int attempts, Answer answer, Instant failingSince) {
  /** How long an AREA may fail. */
  static final Duration PATIENCE = Duration.ofDays(5);

  private static final Answer NOTHING = new Answer(null, null, null, null);

  /** When the AREA is paused unless it succeeds before. */
  public Instant pausesAt() {
    return failingSince.plus(PATIENCE);
  }

  /** As expressions see it. */
  Failure failure() {
    ErrorClass errorClass = answer.errorClass();
    String message = answer.message();
    return new Failure(
        step,
        attempts,
        errorClass == null ? "unknown" : errorClass.name().toLowerCase(Locale.ROOT),
        answer.status(),
        message == null ? "" : message,
        answer.response(),
        failingSince,
        pausesAt());
  }

  /** Failures of one kind need not be told of one by one. */
  public String kind() {
    return step + ' ' + answer.errorClass() + ' ' + answer.status();
  }

  /**
   * The failure that came first, of a run that has failed.
   *
   * @param since since when the AREA's runs fail
   */
  public static Optional<RunError> first(Run run, Instant since) {
    return run.ordinary().stream()
        .filter(Step::failsRun)
        .min(Comparator.comparing(step -> ((StepState.Closed) step.state()).at()))
        .map(step -> of(step, since));
  }

  static RunError of(Step step, Instant since) {
    Answer answer = RunLog.answer(step.state());
    return new RunError(
        step.id(), RunLog.attempts(step.state()), answer == null ? NOTHING : answer, since);
  }
}
