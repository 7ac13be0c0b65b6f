package dev.areaflow.launcher.embedded;

import org.jspecify.annotations.Nullable;

/** The embedded infrastructure cannot run; the message says which part, why, and what to do. */
public final class EmbeddedStackException extends RuntimeException {
  public EmbeddedStackException(String message) {
    super(message);
  }

  public EmbeddedStackException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
