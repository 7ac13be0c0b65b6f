package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;

/** Finds what an answer has. Safe for several threads. */
sealed interface PollFinder permits ListFinder, ValueFinder {
  /** Reads answers, and writes one and the same value always in the same way. */
  ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  /** As {@link #JSON}, with the fields of objects in the order of their names. */
  ObjectMapper SORTED =
      JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

  /** The places that it looks at, by their names in the manifest. */
  Map<String, Manifest.PlacePart> places();

  /**
   * What an answer has.
   *
   * @param inputs the hook's, with their defaults
   * @throws UnusableAnswerException saying what was expected, without anything of the answer
   */
  PollSource.Found find(JsonNode answer, JsonNode inputs, PollSource.From from)
      throws UnusableAnswerException;

  /**
   * Where a place is.
   *
   * @throws IllegalArgumentException if it is an input that is no JSON pointer
   */
  static JsonPointer pointer(Manifest.PlacePart place, JsonNode inputs) {
    return JsonPointer.compile(
        place.input() == null
            ? Objects.requireNonNull(place.pointer(), "pointer")
            : inputs.path(place.input()).asText());
  }

  /**
   * An answer as JSON.
   *
   * @throws UnusableAnswerException if it is none
   */
  static JsonNode json(byte[] body) throws UnusableAnswerException {
    try {
      JsonNode answer = JSON.readTree(body);
      if (answer.isMissingNode()) {
        throw new UnusableAnswerException("expected JSON, found an empty answer");
      }
      return answer;
    } catch (IOException e) {
      throw new UnusableAnswerException("expected JSON, found something else or a cut answer", e);
    }
  }

  static String shown(JsonPointer pointer) {
    return pointer.matches() ? "the top" : pointer.toString();
  }

  static byte[] bytes(ObjectMapper mapper, JsonNode node) {
    try {
      return mapper.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON that was read cannot be written", e);
    }
  }
}
