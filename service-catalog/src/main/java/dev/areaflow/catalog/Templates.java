package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Tells texts with expressions in them from plain ones, in inputs that are not rendered yet: <code>
 * ${…}</code> is an expression, <code>$${</code> a literal <code>${</code>.
 */
final class Templates {
  private static final String OPENING = "${";
  private static final String ESCAPED = "$${";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Templates() {}

  /** Whether a value is a text with an expression in it. */
  static boolean isOne(JsonNode value) {
    if (!value.isTextual()) {
      return false;
    }
    String text = value.textValue();
    int at = 0;
    while (at < text.length()) {
      if (text.startsWith(ESCAPED, at)) {
        at += ESCAPED.length();
      } else if (text.startsWith(OPENING, at)) {
        return true;
      } else {
        at++;
      }
    }
    return false;
  }

  /** Whether a value is such a text or has one in it. */
  static boolean holds(JsonNode value) {
    if (isOne(value)) {
      return true;
    }
    for (JsonNode child : value) {
      if (holds(child)) {
        return true;
      }
    }
    return false;
  }

  /** The value with its texts as they are rendered, as far as that is known: others stay. */
  static JsonNode literal(JsonNode value) {
    return rewritten(value, false);
  }

  /** The value with an empty text in the place of each text that holds an expression. */
  static JsonNode blanked(JsonNode value) {
    return rewritten(value, true);
  }

  private static JsonNode rewritten(JsonNode value, boolean blank) {
    if (value.isTextual()) {
      if (!isOne(value)) {
        return JSON.textNode(value.textValue().replace(ESCAPED, OPENING));
      }
      return blank ? JSON.textNode("") : value;
    }
    if (value.isObject()) {
      ObjectNode object = JSON.objectNode();
      value
          .properties()
          .forEach(field -> object.set(field.getKey(), rewritten(field.getValue(), blank)));
      return object;
    }
    if (value.isArray()) {
      ArrayNode array = JSON.arrayNode();
      value.forEach(item -> array.add(rewritten(item, blank)));
      return array;
    }
    return value;
  }
}
