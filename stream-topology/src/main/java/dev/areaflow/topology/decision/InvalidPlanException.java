package dev.areaflow.topology.decision;

/** A plan that cannot be executed; the message says why, for the AREA's owner. */
public final class InvalidPlanException extends RuntimeException {
  InvalidPlanException(String message, Throwable cause) {
    super(message, cause);
  }
}
