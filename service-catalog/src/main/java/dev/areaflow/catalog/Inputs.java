package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The inputs of an action or a reaction, made of the manifest's list.
 *
 * @param schema JSON Schema of the object that holds them
 * @param defaults those that have a default
 * @param urls keys of those that are URLs
 */
record Inputs(ObjectNode schema, ObjectNode defaults, List<String> urls) {
  /** The annotation of an input that says which options there are for it. */
  static final String OPTIONS = "options";

  static Inputs of(List<ObjectNode> parts) {
    return of(parts, List.of());
  }

  /** Those of a manifest's list, of which some name options. */
  static Inputs of(List<ObjectNode> parts, List<OptionList> options) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema").put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = JsonNodeFactory.instance.arrayNode();
    ObjectNode defaults = JsonNodeFactory.instance.objectNode();
    List<String> urls = new ArrayList<>();
    for (ObjectNode part : parts) {
      ObjectNode input = part.deepCopy();
      String key = input.remove("key").asText();
      if (part.path("required").asBoolean()) {
        required.add(key);
      }
      input.remove("required");
      options.stream()
          .filter(list -> list.name().equals(part.path(OPTIONS).asText()))
          .findFirst()
          .ifPresent(list -> input.set(OPTIONS, described(list)));
      properties.set(key, input);
      if (input.has("default")) {
        defaults.set(key, input.get("default"));
      }
      if (input.path("format").asText().equals("uri")) {
        urls.add(key);
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    schema.put("additionalProperties", false);
    return new Inputs(schema, defaults, List.copyOf(urls));
  }

  private static ObjectNode described(OptionList options) {
    ObjectNode about = JsonNodeFactory.instance.objectNode().put("name", options.name());
    ArrayNode needed = about.putArray("inputs");
    options.inputs().forEach(needed::add);
    ArrayNode scopes = about.putArray("scopes");
    options.scopes().forEach(scopes::add);
    return about;
  }

  Set<String> keys() {
    Set<String> keys = new TreeSet<>();
    schema.path("properties").fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /** These and one more, which is always there. */
  Inputs and(String key) {
    ObjectNode more = schema.deepCopy();
    more.withObject("/properties").putObject(key);
    more.withArray("required").add(key);
    return new Inputs(more, defaults, urls);
  }

  /** These where each of them is given. */
  Inputs allGiven() {
    ObjectNode all = schema.deepCopy();
    ArrayNode required = all.putArray("required");
    keys().forEach(required::add);
    return new Inputs(all, defaults, urls);
  }

  /** Whether an input has a value in each set of inputs that fits. */
  boolean isAlwaysThere(String key) {
    for (JsonNode required : schema.path("required")) {
      if (required.asText().equals(key)) {
        return true;
      }
    }
    return defaults.has(key);
  }

  /**
   * Keys of those that are as good as left out where they are null: null is nothing they can be.
   */
  Set<String> leftOutWhereNull() {
    Set<String> keys = keys();
    schema.path("required").forEach(required -> keys.remove(required.asText()));
    keys.removeIf(key -> takesNull(input(key).path("type")));
    return keys;
  }

  private static boolean takesNull(JsonNode type) {
    for (JsonNode one : type) {
      if (one.asText().equals("null")) {
        return true;
      }
    }
    return type.isMissingNode() || type.asText().equals("null");
  }

  /** The schema of one input, missing if there is none. */
  JsonNode input(String key) {
    return schema.path("properties").path(key);
  }
}
