package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;

/**
 * CEL's values as JSON: ints and uints as whole numbers, timestamps as RFC 3339, durations in
 * seconds ({@code "90s"}), bytes in Base64. The size of what is made is bounded.
 */
final class Values {
  /** Most that a rendered tree may hold, in characters of JSON, roughly. */
  static final int LARGEST_RESULT = 1024 * 1024;

  private static final int SCALAR_SIZE = 2;
  private static final int MOST_PLAIN_DIGITS = 21;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private int left = LARGEST_RESULT;

  /**
   * Pays for a part of the result before it is made.
   *
   * @throws EvaluationException when the result becomes too large
   */
  void charge(int characters) {
    left -= characters;
    if (left < 0) {
      throw new EvaluationException(
          "the result is larger than " + LARGEST_RESULT / 1024 + " KiB of JSON");
    }
  }

  /**
   * A value as JSON.
   *
   * @throws EvaluationException if it has no JSON form, or the result becomes too large
   */
  JsonNode json(Object value) {
    return json(value, 0);
  }

  private JsonNode json(Object value, int depth) {
    if (depth >= Payload.MAX_DEPTH && (value instanceof Map || value instanceof Collection)) {
      throw new EvaluationException(
          "the result is nested deeper than " + Payload.MAX_DEPTH + " levels");
    }
    charge(SCALAR_SIZE);
    return switch (value) {
      case String text -> {
        charge(text.length());
        yield TextNode.valueOf(text);
      }
      case Long number -> integer(number);
      case UnsignedLong number -> BigIntegerNode.valueOf(number.bigIntegerValue());
      case Double number -> decimal(number);
      case Boolean bool -> BooleanNode.valueOf(bool);
      case NullValue nothing -> NullNode.instance;
      case Instant time -> TextNode.valueOf(time.toString());
      case Duration duration -> TextNode.valueOf(seconds(duration));
      case CelByteString bytes -> {
        charge(bytes.size() * 4 / 3);
        yield TextNode.valueOf(Base64.getEncoder().encodeToString(bytes.toByteArray()));
      }
      case Map<?, ?> map -> {
        ObjectNode object = NODES.objectNode();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          String key = key(entry.getKey());
          charge(key.length());
          object.set(key, json(entry.getValue(), depth + 1));
        }
        yield object;
      }
      case Collection<?> list -> {
        ArrayNode array = NODES.arrayNode();
        for (Object element : list) {
          array.add(json(element, depth + 1));
        }
        yield array;
      }
      default ->
          throw new EvaluationException("it comes to " + kind(value) + ", which JSON cannot hold");
    };
  }

  /**
   * A value within a text: texts as they are, everything else as JSON.
   *
   * @throws EvaluationException as {@link #json}
   */
  String text(Object value) {
    JsonNode json = json(value);
    return json.isTextual() ? json.textValue() : json.toString();
  }

  private static String key(Object key) {
    return switch (key) {
      case String text -> text;
      case Long number -> number.toString();
      case UnsignedLong number -> number.toString();
      case Boolean bool -> bool.toString();
      default -> throw new EvaluationException("a map's key is " + kind(key) + ", not a text");
    };
  }

  /** As Jackson reads the same number, so that trees compare as equal. */
  private static JsonNode integer(long value) {
    return value == (int) value ? IntNode.valueOf((int) value) : LongNode.valueOf(value);
  }

  private static JsonNode decimal(double value) {
    if (!Double.isFinite(value)) {
      throw new EvaluationException("it comes to " + value + ", which JSON cannot hold");
    }
    BigDecimal exact = new BigDecimal(Double.toString(value));
    boolean writtenPlainly = Double.toString(value).indexOf('E') < 0;
    if (writtenPlainly || exact.precision() - exact.scale() > MOST_PLAIN_DIGITS) {
      return DoubleNode.valueOf(value);
    }
    return DecimalNode.valueOf(exact.setScale(Math.max(1, exact.scale())));
  }

  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.getNano(), 9)
            .add(BigDecimal.valueOf(duration.getSeconds()))
            .stripTrailingZeros()
            .toPlainString()
        + "s";
  }

  /** What a value is, in words. */
  static String kind(Object value) {
    return switch (value) {
      case String text -> "a text";
      case Number number -> "a number";
      case Boolean bool -> "true or false";
      case NullValue nothing -> "null";
      case Instant time -> "a timestamp";
      case Duration duration -> "a duration";
      case CelByteString bytes -> "bytes";
      case Map<?, ?> map -> "an object";
      case Collection<?> list -> "a list";
      default -> "a type";
    };
  }
}
