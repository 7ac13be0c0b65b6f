package dev.areaflow.ingest.requests;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The details of the requests that are carried out here. */
sealed interface RequestBody {
  ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
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
   * Past events that are to be decided on again by one AREA.
   *
   * @param replayId the replay
   * @param areaId the AREA that decides
   * @param hookId the hook of the events
   * @param generation of all of them, from 1
   * @param from of events that arrived then or later
   * @param to of events that arrived before then
   * @param eventIds of these; empty for all
   * @param when CEL that must hold; null for nothing
   * @param force whether reactions are carried out that are not safe to repeat
   * @param perSecond events within a second at most, from 1
   * @param plan of an AREA with a rule or several hooks its condition and its rule, a {@link
   *     dev.areaflow.schemas.rows.Plan} in JSON; null where each event of the hook is one to write
   * @param listens as of {@link dev.areaflow.schemas.rows.AreaRow}; null where there is one hook
   * @param rulesFrom from when on a rule sees events; null for from when they are asked for
   * @param serial whether the AREA's runs go one after the other; null for not
   */
  record Replay(
      String replayId,
      String areaId,
      String hookId,
      int generation,
      Instant from,
      Instant to,
      List<String> eventIds,
      @Nullable String when,
      boolean force,
      int perSecond,
      @Nullable String plan,
      @Nullable String listens,
      @Nullable Instant rulesFrom,
      @Nullable Boolean serial)
      implements RequestBody {
    public Replay {
      Objects.requireNonNull(replayId, "replayId");
      Objects.requireNonNull(areaId, "areaId");
      Objects.requireNonNull(hookId, "hookId");
      Objects.requireNonNull(from, "from");
      Objects.requireNonNull(to, "to");
      eventIds = List.copyOf(eventIds);
      if (generation < 1 || perSecond < 1) {
        throw new IllegalArgumentException(
            "expected a generation and a rate from 1, found %d and %d"
                .formatted(generation, perSecond));
      }
    }
  }

  /** A replay that is to stop. */
  record CancelReplay(String replayId) implements RequestBody {
    public CancelReplay {
      Objects.requireNonNull(replayId, "replayId");
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
