package dev.areaflow.launcher.definitions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One field in which two definitions differ.
 *
 * @param field where it stands, for example {@code reactions[notify].inputs.url}: what has an id is
 *     named by it
 * @param before missing where it was not there
 * @param after missing where it is not there any more
 */
public record Difference(String field, JsonNode before, JsonNode after) {

  /** All differences, in the order of the fields; numbers are the same where they are equal. */
  public static List<Difference> between(JsonNode before, JsonNode after) {
    List<Difference> found = new ArrayList<>();
    compare("", before, after, found);
    return List.copyOf(found);
  }

  private static void compare(
      String field, JsonNode before, JsonNode after, List<Difference> found) {
    if (before.isObject() && after.isObject()) {
      compareEach(field.isEmpty() ? "" : field + ".", "", fields(before), fields(after), found);
    } else if (before.isArray() && after.isArray()) {
      compareArrays(field, (ArrayNode) before, (ArrayNode) after, found);
    } else if (!isSame(before, after)) {
      found.add(new Difference(field, before, after));
    }
  }

  private static void compareArrays(
      String field, ArrayNode before, ArrayNode after, List<Difference> found) {
    Map<String, JsonNode> old = byId(before);
    Map<String, JsonNode> now = byId(after);
    if (old.size() == before.size() && now.size() == after.size()) {
      compareEach(field + "[", "]", old, now, found);
      List<String> kept = old.keySet().stream().filter(now::containsKey).toList();
      List<String> keptNow = now.keySet().stream().filter(old::containsKey).toList();
      if (!kept.equals(keptNow)) {
        found.add(new Difference(field + " order", texts(kept), texts(keptNow)));
      }
    } else if (before.size() == after.size()) {
      for (int i = 0; i < before.size(); i++) {
        compare(field + "[" + i + "]", before.get(i), after.get(i), found);
      }
    } else {
      found.add(new Difference(field, before, after));
    }
  }

  private static void compareEach(
      String open,
      String close,
      Map<String, JsonNode> before,
      Map<String, JsonNode> after,
      List<Difference> found) {
    Set<String> all = new LinkedHashSet<>(before.keySet());
    all.addAll(after.keySet());
    for (String name : all) {
      compare(
          open + name + close,
          before.getOrDefault(name, MissingNode.getInstance()),
          after.getOrDefault(name, MissingNode.getInstance()),
          found);
    }
  }

  private static Map<String, JsonNode> fields(JsonNode object) {
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    object.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    return fields;
  }

  /** Its elements by their ids; fewer than there are where one has none of its own. */
  private static Map<String, JsonNode> byId(ArrayNode array) {
    Map<String, JsonNode> elements = new LinkedHashMap<>();
    for (JsonNode element : array) {
      if (element.path("id").isTextual()) {
        elements.putIfAbsent(element.path("id").textValue(), element);
      }
    }
    return elements;
  }

  private static JsonNode texts(List<String> texts) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    texts.forEach(array::add);
    return array;
  }

  private static boolean isSame(JsonNode before, JsonNode after) {
    return (before.isNumber() && after.isNumber())
        ? before.decimalValue().compareTo(after.decimalValue()) == 0
        : before.equals(after);
  }
}
