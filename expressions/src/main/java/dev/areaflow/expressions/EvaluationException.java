package dev.areaflow.expressions;

/**
 * An expression has no value for this event, for example because the event lacks a field; the
 * message says which, for the person who wrote the expression.
 */
public final class EvaluationException extends RuntimeException {
  /** For whoever finds a value unfit for its use. */
  public EvaluationException(String message) {
    super(message);
  }

  EvaluationException(String message, Throwable cause) {
    super(message, cause);
  }
}
