package dev.areaflow.schemas.topics;

/**
 * A schema could not be had or stored because the registry does not answer, or refuses to work. It
 * says nothing about the record in hand, which can be handled once the registry is back.
 */
public final class RegistryUnavailableException extends RuntimeException {
  private static final int DEPTH = 16;

  RegistryUnavailableException(String topic, Throwable cause) {
    super(topic + ": the schema registry does not serve: " + cause, cause);
  }

  /** Whether a failure is, or comes from, an outage of the registry. */
  public static boolean isCauseOf(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEPTH; depth++, cause = cause.getCause()) {
      if (cause instanceof RegistryUnavailableException) {
        return true;
      }
    }
    return false;
  }
}
