package dev.areaflow.topology;

/** What is in Kafka does not allow a start; the message says what was found and what to do. */
final class RefusedStartException extends RuntimeException {
  RefusedStartException(String message) {
    super(message);
  }
}
