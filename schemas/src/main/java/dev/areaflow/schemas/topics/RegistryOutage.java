package dev.areaflow.schemas.topics;

import com.microsoft.kiota.ApiException;
import dev.areaflow.schemas.topics.SpecificDatums.UnreadableRecordException;
import io.apicurio.registry.rest.client.models.ProblemDetails;
import io.apicurio.registry.rest.client.models.RuleViolationProblemDetails;
import io.vertx.core.VertxException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;

/**
 * Tells failures of the registry from failures of what is read or written. An outage says nothing
 * about the record in hand, which waits; anything else is the record's own fault.
 */
final class RegistryOutage {
  private static final int DEPTH = 16;

  private RegistryOutage() {}

  /** What to throw when a record could not be read: the outage where it is one, else the same. */
  static RuntimeException whileReading(String topic, RuntimeException e) {
    Throwable cause = e;
    for (int depth = 0; cause != null && depth < DEPTH; depth++, cause = cause.getCause()) {
      switch (cause) {
        case UnreadableRecordException _ -> {
          return e;
        }
        case ApiException answer -> {
          return mayPass(answer) ? new RegistryUnavailableException(topic, e) : e;
        }
        case IOException _, TimeoutException _, VertxException _ -> {
          return new RegistryUnavailableException(topic, e);
        }
        default -> {}
      }
    }
    return e;
  }

  /**
   * What to throw when a record could not be written: the outage where it is one, a refused schema
   * by its name, else the same. A 404 is an outage here: nothing was asked for by an id that could
   * be wrong, so it is the registry's API that is not there yet.
   */
  static RuntimeException whileWriting(String topic, RuntimeException e) {
    Throwable cause = e;
    for (int depth = 0; cause != null && depth < DEPTH; depth++, cause = cause.getCause()) {
      switch (cause) {
        case ApiException answer -> {
          if (answer.getResponseStatusCode() == 404 || mayPass(answer)) {
            return new RegistryUnavailableException(topic, e);
          }
          return new RefusedSchemaException(CompatibilityRule.artifact(topic), reason(answer), e);
        }
        case IOException _, TimeoutException _, VertxException _ -> {
          return new RegistryUnavailableException(topic, e);
        }
        default -> {}
      }
    }
    return e;
  }

  private static String reason(ApiException answer) {
    String title =
        switch (answer) {
          case RuleViolationProblemDetails violation -> violation.getTitle();
          case ProblemDetails problem -> problem.getTitle();
          default -> answer.getMessage();
        };
    return answer.getResponseStatusCode() + (title == null ? "" : " " + title);
  }

  /** Whether an answer is about the registry's state, or the caller's rights, not the request. */
  private static boolean mayPass(ApiException answer) {
    return switch (answer.getResponseStatusCode()) {
      case 401, 403, 407, 408, 425, 429 -> true;
      default -> answer.getResponseStatusCode() >= 500;
    };
  }
}
