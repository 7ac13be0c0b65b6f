package dev.areaflow.catalog;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** An answer that is not as the inputs say; the message has nothing of its body. */
public final class UnusableAnswerException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  UnusableAnswerException(String message) {
    super(message);
  }

  UnusableAnswerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
