package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.http.Json;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What is different between two definitions, field by field. What stands in a list and has an id,
 * as reactions do, is compared with what has the same id, wherever it stands; other lists are
 * compared as a whole.
 */
final class FieldChanges {
  private final ArrayNode found = JsonNodeFactory.instance.arrayNode();

  private FieldChanges() {}

  /**
   * The changes: each with {@code field}, a pointer in which ids stand for the places in lists,
   * {@code before} where there was something, and {@code after} where there is.
   */
  static ArrayNode between(JsonNode before, JsonNode after) {
    FieldChanges changes = new FieldChanges();
    changes.compare("", before, after);
    return changes.found;
  }

  private void compare(String field, JsonNode before, JsonNode after) {
    if (before.equals(after)) {
      return;
    }
    if (before.isObject() && after.isObject()) {
      compare(field, fields(before), fields(after));
    } else if (isOfIds(before) && isOfIds(after)) {
      Map<String, JsonNode> those = byId(before);
      Map<String, JsonNode> these = byId(after);
      compare(field, those, these);
      compareOrder(field, those.keySet(), these.keySet());
    } else {
      add(field, before, after);
    }
  }

  private void compare(String field, Map<String, JsonNode> before, Map<String, JsonNode> after) {
    Set<String> names = new LinkedHashSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      compare(
          field + "/" + Json.escape(name),
          before.getOrDefault(name, JsonNodeFactory.instance.missingNode()),
          after.getOrDefault(name, JsonNodeFactory.instance.missingNode()));
    }
  }

  /** Steps that stayed may have changed places. */
  private void compareOrder(String field, Set<String> before, Set<String> after) {
    Set<String> those = new LinkedHashSet<>(before);
    those.retainAll(after);
    Set<String> these = new LinkedHashSet<>(after);
    these.retainAll(before);
    if (!those.stream().toList().equals(these.stream().toList())) {
      add(field, Json.tree(before), Json.tree(after));
    }
  }

  private void add(String field, JsonNode before, JsonNode after) {
    ObjectNode change = found.addObject().put("field", field);
    if (!before.isMissingNode()) {
      change.set("before", before);
    }
    if (!after.isMissingNode()) {
      change.set("after", after);
    }
  }

  private static Map<String, JsonNode> fields(JsonNode object) {
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    object.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    return fields;
  }

  private static boolean isOfIds(JsonNode list) {
    return list.isArray() && !list.isEmpty() && byId(list).size() == list.size();
  }

  private static Map<String, JsonNode> byId(JsonNode list) {
    Map<String, JsonNode> byId = new LinkedHashMap<>();
    for (JsonNode each : list) {
      JsonNode id = each.path("id");
      if (id.isTextual()) {
        byId.put(id.textValue(), each);
      }
    }
    return byId;
  }
}
