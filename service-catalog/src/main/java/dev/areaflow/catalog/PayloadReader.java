package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks a body and picks values out of it, in one pass and without building a tree. Immutable and
 * safe for several threads.
 */
final class PayloadReader {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_TEXT = 256 * 1024;
  private static final int MAX_NUMBER = 100;

  /** By the zero bytes in the first four a parser tells UTF-16 and UTF-32 (RFC 4627, section 3). */
  private static final int LONGEST_UNIT = 4;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES) // the names are a stranger's
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool()) // threads live shortly
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_TEXT)
                  .maxNumberLength(MAX_NUMBER)
                  .maxNameLength(MAX_TEXT)
                  .build())
          .build();

  private final Step root = new Step();
  private final int pointers;
  private final boolean objectsOnly;

  /** A body is refused; the message says why, in words for the sender. */
  static final class InvalidPayloadException extends Exception {
    private final String detail;

    InvalidPayloadException(String detail) {
      super(detail);
      this.detail = detail;
    }

    String detail() {
      return detail;
    }
  }

  /** A place on the way to the values that are asked for. */
  private static final class Step {
    private final Map<String, Step> next = new HashMap<>();
    private int value = -1;
  }

  /**
   * @param pointers what is asked for: texts, numbers and booleans within objects
   * @param objectsOnly whether a body that is another value is refused
   */
  PayloadReader(List<JsonPointer> pointers, boolean objectsOnly) {
    this.pointers = pointers.size();
    this.objectsOnly = objectsOnly;
    for (int i = 0; i < pointers.size(); i++) {
      Step step = root;
      for (JsonPointer rest = pointers.get(i); !rest.matches(); rest = rest.tail()) {
        step = step.next.computeIfAbsent(rest.getMatchingProperty(), name -> new Step());
      }
      step.value = i;
    }
  }

  /**
   * Reads a body.
   *
   * @return a value for each pointer, missing where the body has none there
   * @throws InvalidPayloadException if it is not one JSON value in UTF-8 within the bounds, or no
   *     object where one is needed
   */
  JsonNode[] read(byte[] body) throws InvalidPayloadException {
    requireUtf8(body);
    JsonNode[] values = new JsonNode[pointers];
    Arrays.fill(values, MissingNode.getInstance());
    try (JsonParser parser = JSON.createParser(body)) {
      JsonToken first = parser.nextToken();
      if (objectsOnly && first != JsonToken.START_OBJECT) {
        throw new InvalidPayloadException("expected a JSON object");
      }
      if (first == null) {
        throw new InvalidPayloadException("expected JSON, found nothing");
      }
      value(parser, body.length > MAX_TEXT, root, values);
      if (parser.nextToken() != null) {
        throw new InvalidPayloadException("expected nothing after the JSON value");
      }
      return values;
    } catch (JsonProcessingException e) {
      throw new InvalidPayloadException("malformed JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new InvalidPayloadException("malformed JSON: " + e.getMessage());
    }
  }

  /** The parser would read UTF-16 and UTF-32 too, and be lenient with UTF-8; others are not. */
  private static void requireUtf8(byte[] body) throws InvalidPayloadException {
    for (int i = 0; i < Math.min(body.length, LONGEST_UNIT); i++) {
      if (body[i] == 0) {
        throw new InvalidPayloadException("malformed JSON: expected UTF-8, found a zero byte");
      }
    }
    if (!isAscii(body)) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
      } catch (CharacterCodingException e) {
        throw new InvalidPayloadException("malformed JSON: expected UTF-8");
      }
    }
  }

  private static boolean isAscii(byte[] body) {
    int i = 0;
    for (; i <= body.length - Long.BYTES; i += Long.BYTES) {
      if (((long) LONGS.get(body, i) & HIGH_BITS) != 0) {
        return false;
      }
    }
    for (; i < body.length; i++) {
      if (body[i] < 0) {
        return false;
      }
    }
    return true;
  }

  private static void object(
      JsonParser parser, boolean measured, @Nullable Step step, JsonNode[] values)
      throws IOException, InvalidPayloadException {
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      value(parser, measured, step == null ? null : step.next.get(name), values);
    }
  }

  /**
   * Reads one value.
   *
   * @param measured whether texts may be too long: their length costs their decoding
   */
  private static void value(
      JsonParser parser, boolean measured, @Nullable Step step, JsonNode[] values)
      throws IOException, InvalidPayloadException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      object(parser, measured, step, values);
    } else if (token == JsonToken.START_ARRAY) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        value(parser, measured, null, values);
      }
    } else if (measured && token == JsonToken.VALUE_STRING && parser.getTextLength() > MAX_TEXT) {
      throw new InvalidPayloadException("expected texts of " + MAX_TEXT + " characters at most");
    }
    if (step != null && step.value >= 0) {
      values[step.value] = scalar(parser, token);
    }
  }

  private static JsonNode scalar(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_STRING -> JsonNodeFactory.instance.textNode(parser.getText());
      case VALUE_TRUE -> JsonNodeFactory.instance.booleanNode(true);
      case VALUE_FALSE -> JsonNodeFactory.instance.booleanNode(false);
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? MissingNode.getInstance()
              : JsonNodeFactory.instance.numberNode(parser.getLongValue());
      default -> MissingNode.getInstance();
    };
  }
}
