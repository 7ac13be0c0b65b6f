package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.ItemCondition;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the items of a list.
 *
 * @param items where the list is
 * @param id where an item has its id, or the parts of it
 * @param time where it says when it happened, the first of these that there is
 * @param again whether what was found by a poll before is another item now
 * @param newestFirst whether the list begins with its newest item
 * @param where which items count; null where all do
 */
record ListFinder(
    Manifest.PlacePart items,
    List<Manifest.PlacePart> id,
    List<String> time,
    boolean again,
    boolean newestFirst,
    @Nullable ItemCondition where)
    implements PollFinder {
  /** What is further off cannot be written as milliseconds everywhere. */
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private static final Pattern MILLISECONDS = Pattern.compile("[0-9]{12,15}");

  @Override
  public Map<String, Manifest.PlacePart> places() {
    Map<String, Manifest.PlacePart> places = new LinkedHashMap<>();
    places.put("items", items);
    for (int i = 0; i < id.size(); i++) {
      places.put(id.size() == 1 ? "id" : "id/" + i, id.get(i));
    }
    return places;
  }

  @Override
  public PollSource.Found find(JsonNode answer, JsonNode inputs, PollSource.From from)
      throws UnusableAnswerException {
    JsonPointer list = PollFinder.pointer(items, inputs);
    List<JsonPointer> names = id.stream().map(name -> PollFinder.pointer(name, inputs)).toList();
    JsonNode found = answer.at(list);
    if (found.isMissingNode() && items.optional()) {
      found = JsonNodeFactory.instance.arrayNode();
    }
    if (!found.isArray()) {
      throw new UnusableAnswerException("expected an array at " + PollFinder.shown(list));
    }
    if (found.size() > PollSource.MOST_ITEMS) {
      throw new UnusableAnswerException(
          "expected at most "
              + PollSource.MOST_ITEMS
              + " items, found "
              + found.size()
              + "; ask for a shorter list");
    }
    Map<String, PollSource.Item> byId = new LinkedHashMap<>();
    for (int i = 0; i < found.size(); i++) {
      int index = newestFirst ? found.size() - 1 - i : i;
      JsonNode item = found.get(index);
      if (counts(item, inputs, index)) { // others may lack what the id is made of
        String key =
            again
                ? from.number() + "-" + ValueFinder.digest(id(item, names, index)).substring(0, 32)
                : id(item, names, index);
        byId.putIfAbsent(
            key, new PollSource.Item(key, time(time, item), PollFinder.bytes(JSON, item)));
      }
    }
    return new PollSource.Found(List.copyOf(byId.values()), null, null);
  }

  private String id(JsonNode item, List<JsonPointer> names, int index)
      throws UnusableAnswerException {
    StringBuilder id = new StringBuilder();
    for (JsonPointer name : names) {
      JsonNode key = item.at(name);
      boolean isId = key.isTextual() || key.isIntegralNumber();
      id.append(id.isEmpty() ? "" : ":").append(key.asText());
      boolean isLong = !again && id.length() > PollSource.LONGEST_ID;
      if (!isId || key.asText().isEmpty() || isLong) {
        throw new UnusableAnswerException(
            "expected a text or whole number of at most "
                + PollSource.LONGEST_ID
                + " characters at "
                + PollFinder.shown(name)
                + " of item "
                + index);
      }
    }
    return id.toString();
  }

  private boolean counts(JsonNode item, JsonNode inputs, int index) throws UnusableAnswerException {
    try {
      return where == null || where.matches(item, inputs);
    } catch (EvaluationException e) {
      throw new UnusableAnswerException(
          "expected an item that the manifest's condition fits, found another as item " + index, e);
    }
  }

  /** When something happened, the first of these that there is; null where none is a time. */
  static @Nullable Instant time(List<String> places, JsonNode item) {
    return places.stream()
        .map(item::at)
        .map(ListFinder::instant)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** A time as text, or in seconds or milliseconds since 1970; null where it is none. */
  static @Nullable Instant instant(JsonNode said) {
    try {
      Instant told = told(said);
      return told.isBefore(Instant.EPOCH) || told.isAfter(LATEST) ? null : told;
    } catch (DateTimeException e) {
      return null; // a provider's slip must not keep the item from being an event
    }
  }

  private static Instant told(JsonNode said) {
    if (said.isTextual() && MILLISECONDS.matcher(said.textValue()).matches()) {
      return Instant.ofEpochMilli(Long.parseLong(said.textValue()));
    }
    return said.isNumber()
        ? Instant.ofEpochSecond(said.longValue())
        : OffsetDateTime.parse(said.asText()).toInstant();
  }
}
