package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.OutboundResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * An answer of a service that means something else than its status does elsewhere.
 *
 * @param status the answer's
 * @param text what its body says too, empty where the status is enough
 * @param meaning what it means
 * @param after how long to wait where the answer does not say itself; only with {@link
 *     Meaning#RETRYABLE}
 */
public record AnswerRule(
    int status, Optional<Text> text, Meaning meaning, Optional<Duration> after) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What an answer means for a command. */
  public enum Meaning {
    RETRYABLE,
    PERMANENT,
    UNAUTHORIZED
  }

  /**
   * A text in a body of JSON.
   *
   * @param at where it is
   * @param contains a part of it, whatever the case of its letters
   */
  public record Text(JsonPointer at, String contains) {
    private boolean isIn(byte[] body) {
      try {
        JsonNode root = JSON.readTree(body);
        return root != null
            && root.at(at)
                .asText()
                .toLowerCase(Locale.ROOT)
                .contains(contains.toLowerCase(Locale.ROOT));
      } catch (JsonProcessingException e) {
        return false; // a page, or cut off: not the answer that the service documents
      } catch (IOException e) {
        throw new UncheckedIOException("bytes are always readable", e);
      }
    }
  }

  /** Whether this is such an answer. */
  boolean fits(OutboundResponse response) {
    return response.status() == status
        && text.map(expected -> expected.isIn(response.body())).orElse(true);
  }

  /** What such an answer means. */
  CallResult result() {
    String message = "answered with status " + status;
    return switch (meaning) {
      case RETRYABLE ->
          new CallResult.Retryable(message + ": the service is to be asked again later", after);
      case PERMANENT -> new CallResult.Permanent(message);
      case UNAUTHORIZED -> new CallResult.Unauthorized(message);
    };
  }
}
