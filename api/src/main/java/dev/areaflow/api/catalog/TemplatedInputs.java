package dev.areaflow.api.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Inputs of a reaction as they are written: wherever a value stands, a text with a template may.
 */
final class TemplatedInputs {
  /** What editors show of a value, whichever of its forms it has. */
  private static final List<String> SHOWN = List.of("title", "description", "examples", "default");

  private TemplatedInputs() {}

  /**
   * The schema of inputs as they are written.
   *
   * @param inputs schema of the inputs as they are sent; not changed
   */
  static ObjectNode of(ObjectNode inputs) {
    ObjectNode written = inputs.deepCopy();
    parts(written);
    return written;
  }

  private static void parts(ObjectNode schema) {
    if (schema.path("properties") instanceof ObjectNode properties) {
      properties.properties().forEach(property -> property.setValue(value(property.getValue())));
    }
    for (String part : List.of("items", "additionalProperties")) {
      if (schema.path(part).isObject()) {
        schema.set(part, value(schema.get(part)));
      }
    }
  }

  private static JsonNode value(JsonNode schema) {
    if (!(schema instanceof ObjectNode plain)) {
      return schema;
    }
    parts(plain);
    ObjectNode either = JsonNodeFactory.instance.objectNode();
    for (String name : SHOWN) {
      if (plain.has(name)) {
        either.set(name, plain.remove(name));
      }
    }
    ArrayNode forms = either.putArray("anyOf").add(plain);
    forms.addObject().put("type", "string").put("pattern", "\\$\\{");
    return either;
  }
}
