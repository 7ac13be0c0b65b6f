package dev.areaflow.ingest.requests;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Objects;

/** The details of the requests that are carried out here. */
sealed interface RequestBody {
  ObjectMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  /**
   * An event that is to be decided on again.
   *
   * @param areaId the AREA that decides
   * @param hookId the hook of the event
   * @param partition where the event is, in the topic of events
   * @param offset where it is in its partition
   * @param eventId the event
   * @param generation of the replay, from 1
   */
  record Rerun(
      String areaId, String hookId, int partition, long offset, String eventId, int generation)
      implements RequestBody {
    public Rerun {
      Objects.requireNonNull(areaId, "areaId");
      Objects.requireNonNull(hookId, "hookId");
      Objects.requireNonNull(eventId, "eventId");
      if (generation < 1) {
        throw new IllegalArgumentException("expected a generation from 1, found " + generation);
      }
    }
  }

  /**
   * A dead letter whose record is to be written again.
   *
   * @param letterPartition where the letter is, in the topic of dead letters
   * @param letterOffset where it is in its partition
   */
  record Redeliver(int letterPartition, long letterOffset) implements RequestBody {}

  /**
   * Reads a body.
   *
   * @throws IllegalArgumentException if the text is none
   */
  static <T extends RequestBody> T parse(String json, Class<T> type) {
    try {
      return JSON.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "expected a request to " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
    }
  }
}
