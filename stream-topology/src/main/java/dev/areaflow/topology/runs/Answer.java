package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What a step's last call brought, for people to see.
 *
 * @param status HTTP status, where there was an answer
 * @param errorClass why it failed, where it did
 * @param message the failure in words
 * @param response a bounded excerpt of the answer's body
 */
public record Answer(
    @Nullable Integer status,
    @Nullable ErrorClass errorClass,
    @Nullable String message,
    @Nullable String response) {

  /** A failure that no call is to blame for. */
  public static Answer permanent(String message) {
    return new Answer(null, ErrorClass.PERMANENT, message, null);
  }

  static Answer of(Outcome outcome) {
    return new Answer(
        outcome.getStatus().orElse(null),
        outcome.getErrorClass().orElse(null),
        outcome.getMessage().orElse(null),
        outcome.getResponse().orElse(null));
  }
}
