package dev.areaflow.schemas.topics;

import com.microsoft.kiota.ApiException;
import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;

/** Tells failures of the registry from failures of what is read or written. */
final class RegistryOutage {
  private static final int NOT_FOUND = 404;
  private static final int DEPTH = 16;

  private RegistryOutage() {}

  /** The exception to throw instead: one of the outage where it is one, else the same. */
  static RuntimeException translate(String topic, RuntimeException e) {
    Throwable cause = e;
    for (int depth = 0; cause != null && depth < DEPTH; depth++, cause = cause.getCause()) {
      if (isOutage(cause)) {
        return new RegistryUnavailableException(topic, e);
      }
    }
    return e;
  }

  /** A schema that the registry does not know is the record's fault, and so is a short record. */
  private static boolean isOutage(Throwable cause) {
    return switch (cause) {
      case ApiException answer -> answer.getResponseStatusCode() != NOT_FOUND;
      case EOFException _ -> false;
      case IOException _, TimeoutException _ -> true;
      default -> false;
    };
  }
}
