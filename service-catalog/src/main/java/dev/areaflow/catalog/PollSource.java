package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.expressions.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Events are what a list at a third party has that it did not have before. Safe for several
 * threads.
 */
public final class PollSource implements ActionSource {
  /** Most items of one answer, so that all their ids can be remembered. */
  public static final int MOST_ITEMS = 1_000;

  /** Longest id of an item, in characters. */
  public static final int LONGEST_ID = 512;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private final RequestTemplate request;
  private final ObjectNode defaults;
  private final Manifest.PlacePart items;
  private final Manifest.PlacePart id;
  private final boolean etag;
  private final Duration every;

  /**
   * One thing of the list.
   *
   * @param id unique in the list
   * @param payload the item as UTF-8 JSON; not copied
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through uncopied, nobody compares it
  public record Item(String id, byte[] payload) {}

  PollSource(Manifest.PollPart part, Inputs inputs, @Nullable Endpoint endpoint) {
    this.request = new RequestTemplate(part.request(), endpoint);
    this.defaults = inputs.defaults();
    this.items = part.items();
    this.id = part.id();
    this.etag = part.etag();
    this.every = Duration.parse(part.every());
  }

  /** The time between two polls of one hook where nothing asks for another. */
  public Duration every() {
    return every;
  }

  /** Problems of these inputs that their schema cannot find, by pointer; empty if none. */
  List<Problem> check(JsonNode inputs) {
    List<Problem> problems = new ArrayList<>();
    ObjectNode all = withDefaults(inputs);
    for (Manifest.PlacePart place : List.of(items, id)) {
      if (place.input() != null) {
        try {
          pointer(place, all);
        } catch (IllegalArgumentException e) {
          problems.add(
              new Problem("/" + place.input(), "expected a JSON pointer such as /items, or empty"));
        }
      }
    }
    if (problems.isEmpty()) {
      try {
        request.fill(all);
      } catch (InvalidInputsException e) {
        problems.addAll(e.problems());
      }
    }
    return problems;
  }

  /**
   * The request of one poll.
   *
   * @param lastEtag the entity tag of the last answer
   * @throws InvalidInputsException if the inputs do not fit; trying again cannot help
   */
  public OutboundRequest request(JsonNode inputs, @Nullable String lastEtag) {
    OutboundRequest filled = request.fill(withDefaults(inputs));
    return etag && lastEtag != null ? filled.withHeader("If-None-Match", lastEtag) : filled;
  }

  /** Whether answers are asked for only if they changed. */
  public boolean usesEtag() {
    return etag;
  }

  /**
   * The items of an answer in its order; of those with the same id only the first.
   *
   * @throws UnusableAnswerException saying what was expected, without anything of the body
   */
  public List<Item> items(JsonNode inputs, byte[] body) throws UnusableAnswerException {
    ObjectNode all = withDefaults(inputs);
    JsonPointer list = pointer(items, all);
    JsonPointer name = pointer(id, all);
    JsonNode found = read(body).at(list);
    if (!found.isArray()) {
      throw new UnusableAnswerException("expected an array at " + shown(list));
    }
    if (found.size() > MOST_ITEMS) {
      throw new UnusableAnswerException(
          "expected at most "
              + MOST_ITEMS
              + " items, found "
              + found.size()
              + "; ask for a shorter list");
    }
    Map<String, Item> byId = new LinkedHashMap<>();
    for (int i = 0; i < found.size(); i++) {
      JsonNode item = found.get(i);
      JsonNode key = item.at(name);
      boolean isId = key.isTextual() || key.isIntegralNumber();
      if (!isId || key.asText().isEmpty() || key.asText().length() > LONGEST_ID) {
        throw new UnusableAnswerException(
            "expected a text or whole number of at most "
                + LONGEST_ID
                + " characters at "
                + shown(name)
                + " of item "
                + i);
      }
      byId.putIfAbsent(key.asText(), new Item(key.asText(), bytes(item)));
    }
    return List.copyOf(byId.values());
  }

  private static JsonNode read(byte[] body) throws UnusableAnswerException {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw new UnusableAnswerException("expected JSON, found something else or a cut answer", e);
    }
  }

  private static byte[] bytes(JsonNode item) {
    try {
      return JSON.writeValueAsBytes(item);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON that was read cannot be written", e);
    }
  }

  private static String shown(JsonPointer pointer) {
    return pointer.matches() ? "the top" : pointer.toString();
  }

  private static JsonPointer pointer(Manifest.PlacePart place, JsonNode inputs) {
    return JsonPointer.compile(
        place.input() == null
            ? Objects.requireNonNull(place.pointer(), "pointer")
            : inputs.path(place.input()).asText());
  }

  private ObjectNode withDefaults(JsonNode given) {
    ObjectNode all = defaults.deepCopy();
    given.properties().forEach(input -> all.set(input.getKey(), input.getValue()));
    return all;
  }
}
