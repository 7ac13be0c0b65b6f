package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a JSON Schema says of the values that it describes, as far as types of expressions need it:
 * references followed, alternatives and conjunctions merged. Where it says nothing, or more than
 * this can hold, it allows everything: a check may miss a mistake, it never refuses what is right.
 *
 * @param kinds what a value may be; all of them where the schema does not say
 * @param fields of an object, each with a schema
 * @param open whether an object may have other fields too
 * @param otherFields schemas of those; empty where they may be anything
 * @param elements schemas of an array's elements; empty where they may be anything
 */
record Shape(
    Set<Kind> kinds,
    Map<String, JsonNode> fields,
    boolean open,
    List<JsonNode> otherFields,
    List<JsonNode> elements) {

  enum Kind {
    NULL,
    BOOLEAN,
    INTEGER,
    NUMBER,
    STRING,
    ARRAY,
    OBJECT
  }

  static final Shape ANYTHING =
      new Shape(EnumSet.allOf(Kind.class), Map.of(), true, List.of(), List.of());

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  boolean says() {
    return kinds.size() < Kind.values().length;
  }

  /** What a schema says itself, without what it refers to or is composed of. */
  static Shape own(JsonNode schema) {
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    schema.path("properties").properties().forEach(p -> fields.put(p.getKey(), p.getValue()));
    JsonNode others =
        schema.has("additionalProperties")
            ? schema.get("additionalProperties")
            : schema.path("unevaluatedProperties");
    boolean patterns = schema.has("patternProperties");
    List<JsonNode> otherFields = new ArrayList<>();
    if (others.isObject() && !patterns) {
      otherFields.add(others);
    }
    boolean open =
        patterns
            || others.isObject()
            || (others.isBoolean() ? others.asBoolean() : fields.isEmpty());
    List<JsonNode> elements = new ArrayList<>();
    JsonNode items = schema.path("items");
    if (items.isObject() && !schema.has("prefixItems")) {
      elements.add(items);
    }
    return new Shape(kinds(schema), fields, open, otherFields, elements);
  }

  private static Set<Kind> kinds(JsonNode schema) {
    EnumSet<Kind> kinds = EnumSet.noneOf(Kind.class);
    JsonNode type = schema.path("type");
    if (type.isTextual()) {
      add(kinds, type.asText());
    }
    type.forEach(each -> add(kinds, each.asText()));
    if (kinds.isEmpty()) {
      schema.path("enum").forEach(value -> kinds.add(kind(value)));
      if (schema.has("const")) {
        kinds.add(kind(schema.get("const")));
      }
    }
    if (kinds.isEmpty() && schema.has("properties")) {
      kinds.add(Kind.OBJECT);
    }
    if (schema.path("nullable").asBoolean() && !kinds.isEmpty()) {
      kinds.add(Kind.NULL);
    }
    return kinds.isEmpty() ? EnumSet.allOf(Kind.class) : kinds;
  }

  private static void add(Set<Kind> kinds, String type) {
    switch (type) {
      case "null" -> kinds.add(Kind.NULL);
      case "boolean" -> kinds.add(Kind.BOOLEAN);
      case "integer" -> kinds.add(Kind.INTEGER);
      case "number" -> kinds.add(Kind.NUMBER);
      case "string" -> kinds.add(Kind.STRING);
      case "array" -> kinds.add(Kind.ARRAY);
      case "object" -> kinds.add(Kind.OBJECT);
      default -> kinds.addAll(EnumSet.allOf(Kind.class));
    }
  }

  private static Kind kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case BOOLEAN -> Kind.BOOLEAN;
      case NUMBER -> value.isIntegralNumber() ? Kind.INTEGER : Kind.NUMBER;
      case STRING -> Kind.STRING;
      case ARRAY -> Kind.ARRAY;
      case OBJECT -> Kind.OBJECT;
      case NULL, BINARY, MISSING, POJO -> Kind.NULL;
    };
  }

  /** What both describe. */
  Shape and(Shape other) {
    EnumSet<Kind> both = EnumSet.copyOf(kinds);
    both.retainAll(other.kinds);
    if (both.isEmpty()) {
      both.addAll(EnumSet.allOf(Kind.class));
    }
    boolean oneIsSilent = isSilentOnFields() || other.isSilentOnFields();
    return new Shape(
        both,
        merged(fields, other.fields, "allOf"),
        oneIsSilent ? open && other.open : open || other.open,
        concatenated(otherFields, other.otherFields),
        elements.isEmpty() ? other.elements : elements);
  }

  /** What one of them describes. */
  Shape or(Shape other) {
    EnumSet<Kind> either = EnumSet.copyOf(kinds);
    either.addAll(other.kinds);
    boolean bothAreArrays = kinds.contains(Kind.ARRAY) && other.kinds.contains(Kind.ARRAY);
    boolean bothAreObjects = kinds.contains(Kind.OBJECT) && other.kinds.contains(Kind.OBJECT);
    boolean openElements = bothAreArrays && (elements.isEmpty() || other.elements.isEmpty());
    boolean openFields =
        bothAreObjects
            && ((open && otherFields.isEmpty()) || (other.open && other.otherFields.isEmpty()));
    return new Shape(
        either,
        merged(fields, other.fields, "anyOf"),
        (open && kinds.contains(Kind.OBJECT)) || (other.open && other.kinds.contains(Kind.OBJECT)),
        openFields ? List.of() : concatenated(otherFields, other.otherFields),
        openElements ? List.of() : concatenated(elements, other.elements));
  }

  /** This, or null. */
  Shape orNull() {
    EnumSet<Kind> either = EnumSet.copyOf(kinds);
    either.add(Kind.NULL);
    return new Shape(either, fields, open, otherFields, elements);
  }

  /** This, where the other's fields may stand as well. */
  Shape withFieldsOf(Shape other) {
    return new Shape(kinds, merged(fields, other.fields, "anyOf"), open, otherFields, elements);
  }

  private boolean isSilentOnFields() {
    return fields.isEmpty() && open && otherFields.isEmpty();
  }

  private static Map<String, JsonNode> merged(
      Map<String, JsonNode> ours, Map<String, JsonNode> theirs, String keyword) {
    Map<String, JsonNode> fields = new LinkedHashMap<>(ours);
    theirs.forEach((name, schema) -> fields.merge(name, schema, (a, b) -> joined(keyword, a, b)));
    return fields;
  }

  private static JsonNode joined(String keyword, JsonNode ours, JsonNode theirs) {
    if (ours.equals(theirs)) {
      return ours;
    }
    ArrayNode both = NODES.arrayNode().add(ours).add(theirs);
    ObjectNode schema = NODES.objectNode();
    return schema.set(keyword, both);
  }

  private static List<JsonNode> concatenated(List<JsonNode> ours, List<JsonNode> theirs) {
    List<JsonNode> all = new ArrayList<>(ours);
    theirs.stream().filter(schema -> !all.contains(schema)).forEach(all::add);
    return all;
  }

  /** One schema for values that each of these may describe. */
  static JsonNode anyOf(List<JsonNode> schemas) {
    if (schemas.isEmpty()) {
      return NODES.booleanNode(true);
    }
    if (schemas.size() == 1) {
      return schemas.getFirst();
    }
    ArrayNode all = NODES.arrayNode().addAll(schemas);
    ObjectNode schema = NODES.objectNode();
    return schema.set("anyOf", all);
  }
}
