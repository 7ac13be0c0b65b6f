package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the items of a list.
 *
 * @param items where the list is
 * @param id where an item has its id
 */
record ListFinder(Manifest.PlacePart items, Manifest.PlacePart id) implements PollFinder {

  @Override
  public Map<String, Manifest.PlacePart> places() {
    Map<String, Manifest.PlacePart> places = new LinkedHashMap<>();
    places.put("items", items);
    places.put("id", id);
    return places;
  }

  @Override
  public PollSource.Found find(JsonNode answer, JsonNode inputs, PollSource.From from)
      throws UnusableAnswerException {
    JsonPointer list = PollFinder.pointer(items, inputs);
    JsonPointer name = PollFinder.pointer(id, inputs);
    JsonNode found = answer.at(list);
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
      JsonNode item = found.get(i);
      JsonNode key = item.at(name);
      boolean isId = key.isTextual() || key.isIntegralNumber();
      if (!isId || key.asText().isEmpty() || key.asText().length() > PollSource.LONGEST_ID) {
        throw new UnusableAnswerException(
            "expected a text or whole number of at most "
                + PollSource.LONGEST_ID
                + " characters at "
                + PollFinder.shown(name)
                + " of item "
                + i);
      }
      byId.putIfAbsent(
          key.asText(), new PollSource.Item(key.asText(), PollFinder.bytes(JSON, item)));
    }
    return new PollSource.Found(List.copyOf(byId.values()), null);
  }
}
