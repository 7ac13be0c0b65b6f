package dev.areaflow.api.topics;

/** Kafka did not answer in time; it may in a moment. */
public final class SlowTopicException extends RuntimeException {
  SlowTopicException(String message) {
    super(message);
  }
}
