package dev.areaflow.topology.runs;

import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What a step's last call brought, for people to see.
 *
 * @param status HTTP status, where there was an answer
 * @param errorClass why it failed, where it did
 * @param message the failure in words
 * @param response an excerpt of the answer's body
 */
public record Answer(
    @Nullable Integer status,
    @Nullable ErrorClass errorClass,
    @Nullable String message,
    @Nullable String response) {
  /** Of each text of an outcome; executors send less, but a topic can be written by others. */
  private static final int MAX_CHARACTERS = 2_048;

  /** A failure that no call is to blame for. */
  public static Answer permanent(String message) {
    return new Answer(null, ErrorClass.PERMANENT, message, null);
  }

  /** An expression that has no value. */
  static Answer of(EvaluationException problem) {
    return new Answer(null, ErrorClass.PERMANENT, problem.getMessage(), null);
  }

  static Answer of(Outcome outcome) {
    return new Answer(
        outcome.getStatus().orElse(null),
        outcome.getErrorClass().orElse(null),
        outcome.getMessage().map(Answer::clamped).orElse(null),
        outcome.getResponse().map(Answer::clamped).orElse(null));
  }

  private static String clamped(String text) {
    if (text.length() <= MAX_CHARACTERS) {
      return text;
    }
    boolean splits = Character.isHighSurrogate(text.charAt(MAX_CHARACTERS - 1));
    return text.substring(0, splits ? MAX_CHARACTERS - 1 : MAX_CHARACTERS);
  }
}
