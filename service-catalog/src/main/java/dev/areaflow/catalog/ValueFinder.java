package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a value is another one than before. The cursor is the value, or its digest
 * where it is long.
 *
 * @param value where the value is
 */
record ValueFinder(Manifest.PlacePart value) implements PollFinder {
  /** Longest value that is kept whole, in bytes of JSON. */
  static final int LONGEST_KEPT = 8 * 1024;

  /** No JSON begins so. */
  private static final String DIGEST = "sha256:";

  @Override
  public Map<String, Manifest.PlacePart> places() {
    return Map.of("value", value);
  }

  @Override
  public PollSource.Found find(JsonNode answer, JsonNode inputs, PollSource.From from)
      throws UnusableAnswerException {
    JsonPointer place = PollFinder.pointer(value, inputs);
    JsonNode found = answer.at(place);
    if (found.isMissingNode()) {
      throw new UnusableAnswerException("expected a value at " + PollFinder.shown(place));
    }
    byte[] sorted = PollFinder.bytes(SORTED, found);
    String digest = digest(sorted);
    String next = sorted.length <= LONGEST_KEPT ? new String(sorted, UTF_8) : DIGEST + digest;
    @Nullable String last = from.cursor();
    if (last == null || last.equals(next)) {
      return new PollSource.Found(List.of(), next, null);
    }
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.set("value", found);
    event.set("previous", previous(last));
    // The poll's number: a value that comes back is another change.
    String id = from.number() + "-" + digest.substring(0, 16);
    return new PollSource.Found(
        List.of(new PollSource.Item(id, null, PollFinder.bytes(JSON, event))), next, null);
  }

  private static JsonNode previous(String cursor) throws UnusableAnswerException {
    if (cursor.startsWith(DIGEST)) {
      return JsonNodeFactory.instance.nullNode();
    }
    try {
      return JSON.readTree(cursor);
    } catch (JsonProcessingException e) {
      throw new UnusableAnswerException("expected a cursor that is JSON", e);
    }
  }

  static String digest(String text) {
    return digest(text.getBytes(UTF_8));
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
