package dev.areaflow.expressions;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.NullValue;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as CEL values: whole numbers are int (uint where only that holds them, double beyond), other
 * numbers double, objects and arrays as they are. Depth, text and number lengths are bounded, and a
 * field that stands twice is refused.
 */
final class Payload {
  static final int MAX_DEPTH = 64;
  private static final int MAX_NUMBER_CHARACTERS = 100;
  private static final int MAX_TEXT_CHARACTERS = 4 * 1024 * 1024;
  private static final int SCALAR_WEIGHT = 8;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER_CHARACTERS)
                  .maxStringLength(MAX_TEXT_CHARACTERS)
                  .build())
          .build();

  private Payload() {}

  /**
   * Reads UTF-8 JSON.
   *
   * @throws IOException if it is not JSON, or exceeds a bound
   */
  static Object read(byte[] json) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() == null) {
        throw new IOException("expected JSON, found nothing");
      }
      Object value = read(parser);
      if (parser.nextToken() != null) {
        throw new IOException("expected one JSON value, found more after it");
      }
      return value;
    }
  }

  private static Object read(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> NullValue.NULL_VALUE;
      case FIELD_NAME, END_ARRAY, END_OBJECT, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
          throw new IOException("expected a JSON value, found " + parser.currentToken());
    };
  }

  private static Object object(JsonParser parser) throws IOException {
    LinkedHashMap<String, Object> fields = new LinkedHashMap<>();
    int weight = SCALAR_WEIGHT;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      Object value = read(parser);
      if (fields.putIfAbsent(name, value) != null) {
        throw new IOException("the field '" + name + "' stands twice in one object");
      }
      weight += name.length() + weight(value);
    }
    return new JsonObject(fields, weight);
  }

  private static Object array(JsonParser parser) throws IOException {
    List<Object> elements = new ArrayList<>();
    int weight = SCALAR_WEIGHT;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Object value = read(parser);
      elements.add(value);
      weight += weight(value);
    }
    return new JsonArray(elements.toArray(), weight);
  }

  private static Object integer(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT, LONG -> parser.getLongValue();
      case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> large(parser.getBigIntegerValue());
    };
  }

  private static Object large(BigInteger value) {
    if (value.bitLength() < Long.SIZE) {
      return value.longValueExact();
    }
    return value.signum() > 0 && value.bitLength() == Long.SIZE
        ? (Object) UnsignedLong.valueOf(value)
        : (Object) value.doubleValue();
  }

  /**
   * Converts a tree that is parsed already.
   *
   * @throws IOException if it exceeds a bound
   */
  static Object of(JsonNode node) throws IOException {
    return of(node, 0);
  }

  private static Object of(JsonNode node, int depth) throws IOException {
    if (depth >= MAX_DEPTH && node.isContainerNode()) {
      throw new IOException("nested deeper than " + MAX_DEPTH + " levels");
    }
    return switch (node.getNodeType()) {
      case OBJECT -> {
        LinkedHashMap<String, Object> fields = new LinkedHashMap<>();
        int weight = SCALAR_WEIGHT;
        for (Map.Entry<String, JsonNode> field : node.properties()) {
          Object value = of(field.getValue(), depth + 1);
          fields.put(field.getKey(), value);
          weight += field.getKey().length() + weight(value);
        }
        yield new JsonObject(fields, weight);
      }
      case ARRAY -> {
        Object[] elements = new Object[node.size()];
        int weight = SCALAR_WEIGHT;
        for (int i = 0; i < elements.length; i++) {
          elements[i] = of(node.get(i), depth + 1);
          weight += weight(elements[i]);
        }
        yield new JsonArray(elements, weight);
      }
      case STRING -> node.textValue();
      case BOOLEAN -> node.booleanValue();
      case NULL, MISSING -> NullValue.NULL_VALUE;
      case NUMBER ->
          node.isIntegralNumber() ? large(node.bigIntegerValue()) : (Object) node.doubleValue();
      case BINARY, POJO -> throw new IOException("expected JSON, found " + node.getNodeType());
    };
  }

  /** How much a value holds, in characters of JSON, roughly. */
  static int weight(Object value) {
    return switch (value) {
      case String text -> text.length() + 2;
      case JsonObject object -> object.weight();
      case JsonArray array -> array.weight();
      default -> SCALAR_WEIGHT;
    };
  }
}
