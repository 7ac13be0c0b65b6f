package dev.areaflow.launcher.client;

/** The server answered otherwise than the caller needs to go on. */
public final class UnexpectedAnswerException extends RuntimeException {
  UnexpectedAnswerException(String message) {
    super(message);
  }
}
