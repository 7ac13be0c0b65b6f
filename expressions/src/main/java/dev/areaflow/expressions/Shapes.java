package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The shapes of the schemas in one document, each worked out once. A schema that is part of itself
 * (through {@code allOf} and the like) allows anything there. For one thread.
 */
final class Shapes {
  private static final Set<String> ANNOTATIONS =
      Set.of("title", "description", "$comment", "examples", "default", "deprecated");
  private static final int MAX_DEPTH = 64;

  private final JsonNode root;
  private final IdentityHashMap<JsonNode, Shape> known = new IdentityHashMap<>();

  /**
   * @param root the document that references point into
   */
  Shapes(JsonNode root) {
    this.root = root;
  }

  /** The document. */
  JsonNode root() {
    return root;
  }

  /** The shape that a schema describes. */
  Shape of(JsonNode schema) {
    return of(schema, 0);
  }

  private Shape of(JsonNode schema, int depth) {
    if (!schema.isObject() || depth > MAX_DEPTH) {
      return Shape.ANYTHING;
    }
    Shape shape = known.putIfAbsent(schema, Shape.ANYTHING);
    if (shape == null) {
      shape = merged(schema, depth);
      known.put(schema, shape);
    }
    return shape;
  }

  private Shape merged(JsonNode schema, int depth) {
    Shape shape = Shape.own(schema);
    if (schema.has("$ref")) {
      shape = shape.and(of(target(schema.get("$ref")), depth + 1));
    }
    for (JsonNode part : schema.path("allOf")) {
      shape = shape.and(of(part, depth + 1));
    }
    for (String keyword : List.of("anyOf", "oneOf")) {
      if (schema.path(keyword).isArray() && !schema.path(keyword).isEmpty()) {
        shape = shape.and(either(schema.get(keyword), depth));
      }
    }
    for (String keyword : List.of("then", "else")) {
      if (schema.has(keyword)) {
        shape = shape.withFieldsOf(of(schema.get(keyword), depth + 1));
      }
    }
    for (JsonNode dependent : schema.path("dependentSchemas")) {
      shape = shape.withFieldsOf(of(dependent, depth + 1));
    }
    return shape;
  }

  private Shape either(JsonNode alternatives, int depth) {
    Shape shape = of(alternatives.get(0), depth + 1);
    for (int i = 1; i < alternatives.size(); i++) {
      shape = shape.or(of(alternatives.get(i), depth + 1));
    }
    return shape;
  }

  /** What a schema that is nothing but a reference refers to; any other schema itself. */
  JsonNode referred(JsonNode schema) {
    JsonNode at = schema;
    for (int i = 0; i < MAX_DEPTH && isReference(at); i++) {
      at = target(at.get("$ref"));
    }
    return at;
  }

  private static boolean isReference(JsonNode schema) {
    return schema.has("$ref")
        && schema.properties().stream()
            .allMatch(
                keyword ->
                    keyword.getKey().equals("$ref") || ANNOTATIONS.contains(keyword.getKey()));
  }

  /** Local references only; another document's schema may be anything. */
  private JsonNode target(JsonNode reference) {
    String text = reference.asText();
    if (text.equals("#")) {
      return root;
    }
    if (!text.startsWith("#/")) {
      return JsonNodeFactory.instance.booleanNode(true);
    }
    return root.at(
        URLDecoder.decode(text.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8));
  }
}
