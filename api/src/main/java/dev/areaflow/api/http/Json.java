package dev.areaflow.api.http;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as this API reads and writes it: strict in, RFC 3339 UTC out. */
public final class Json {
  private static final int DEPTH = 64;
  private static final int TEXT_CHARACTERS = 256 * 1024;
  // what is kept has up to 309 digits before the point and MOST_SCALE after it: all of it is read
  private static final int NUMBER_CHARACTERS = 1_000;
  private static final int MOST_SCALE = 400;
  private static final int LAST_YEAR = 9999;

  private static final ObjectMapper MAPPER =
      mapper(
          StreamReadConstraints.builder()
              .maxNestingDepth(DEPTH)
              .maxStringLength(TEXT_CHARACTERS)
              .maxNameLength(1024)
              .maxNumberLength(NUMBER_CHARACTERS)
              .build());

  /** What we stored passed the limits above when it came, and may have grown since. */
  private static final ObjectMapper STORED =
      mapper(
          StreamReadConstraints.builder()
              .maxStringLength(Integer.MAX_VALUE)
              .maxNumberLength(Integer.MAX_VALUE)
              .build());

  private Json() {}

  private static ObjectMapper mapper(StreamReadConstraints limits) {
    return JsonMapper.builder(
            JsonFactory.builder()
                .streamReadConstraints(limits)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .addModule(
            new SimpleModule()
                .addSerializer(Instant.class, new TimeWriter())
                .addDeserializer(Instant.class, new TimeReader())
                .addDeserializer(String.class, new TextReader()))
        .build();
  }

  /** Writes a value; times as RFC 3339 UTC. */
  public static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an answer is always writable as JSON", e);
    }
  }

  /** A value as a tree, written as {@link #write} writes it. */
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /** Reads JSON of our own making, for example a column. */
  public static JsonNode readStored(String json) {
    try {
      return STORED.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored JSON is not readable: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Reads a body.
   *
   * @throws Problem 400 where it is not UTF-8, not JSON, too deep or has a key twice; 422 where it
   *     holds what no database keeps (NUL, half a surrogate pair, 1e999)
   */
  static JsonNode read(byte[] body) {
    JsonNode tree;
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      tree = MAPPER.readTree(text);
    } catch (CharacterCodingException e) {
      throw Problem.malformed("Expected JSON in UTF-8.");
    } catch (JsonProcessingException e) {
      throw Problem.malformed("Expected JSON: " + e.getOriginalMessage());
    }
    if (tree == null || tree.isMissingNode()) {
      throw Problem.malformed("Expected JSON, found an empty body.");
    }
    Violations violations = new Violations();
    refuseUnkeepable(tree, "", violations);
    violations.raise();
    return tree;
  }

  private static void refuseUnkeepable(JsonNode node, String pointer, Violations violations) {
    if (node.isTextual()) {
      violations.check(isKeepable(node.textValue()), pointer, UNKEEPABLE);
    } else if (node.isNumber()) {
      violations.check(
          isKeepable(node), pointer, "Expected a number within the range of a double.");
    } else if (node.isObject()) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        if (!isKeepable(field.getKey())) {
          violations.add(pointer, UNKEEPABLE);
        } else {
          refuseUnkeepable(field.getValue(), pointer + "/" + escape(field.getKey()), violations);
        }
      }
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        refuseUnkeepable(node.get(i), pointer + "/" + i, violations);
      }
    }
  }

  private static final String UNKEEPABLE =
      "Expected a text without NUL and without half surrogate pairs.";

  /** Whether PostgreSQL can keep the text. */
  static boolean isKeepable(String text) {
    return text.indexOf('\0') < 0
        && text.codePoints()
            .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  private static boolean isKeepable(JsonNode number) {
    return Double.isFinite(number.doubleValue())
        && Math.abs(number.decimalValue().scale()) <= MOST_SCALE;
  }

  /**
   * Reads a tree as a record.
   *
   * @throws Problem 422 with a pointer where a field is unknown or of the wrong type
   */
  public static <T> T read(JsonNode tree, Class<T> type) {
    if (!tree.isObject()) {
      throw Problem.invalid("", "Expected a JSON object.");
    }
    try {
      return MAPPER.treeToValue(tree, type);
    } catch (UnrecognizedPropertyException e) {
      throw Problem.invalid(
          pointer(e),
          "There is no field of this name; there are "
              + e.getKnownPropertyIds().stream().map(String::valueOf).collect(joining(", "))
              + ".");
    } catch (MismatchedInputException e) {
      throw Problem.invalid(pointer(e), expected(e.getTargetType()));
    } catch (JsonMappingException e) {
      throw Problem.invalid(pointer(e), e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      throw Problem.invalid("", e.getOriginalMessage());
    }
  }

  private static String expected(@Nullable Class<?> type) {
    if (type == null) {
      return "Expected another type.";
    } else if (type == String.class) {
      return "Expected a text.";
    } else if (type == boolean.class || type == Boolean.class) {
      return "Expected true or false.";
    } else if (type == Instant.class) {
      return EXPECTED_TIME;
    } else if (type == int.class || type == long.class || Number.class.isAssignableFrom(type)) {
      return "Expected a whole number.";
    } else if (Collection.class.isAssignableFrom(type)) {
      return "Expected an array.";
    } else {
      return "Expected an object.";
    }
  }

  private static String pointer(JsonMappingException e) {
    StringBuilder pointer = new StringBuilder();
    for (JsonMappingException.Reference reference : e.getPath()) {
      pointer.append('/');
      if (reference.getFieldName() != null) {
        pointer.append(escape(reference.getFieldName()));
      } else {
        pointer.append(reference.getIndex());
      }
    }
    return pointer.toString();
  }

  /** A name as it stands in a JSON pointer (RFC 6901). */
  public static String escape(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  private static final String EXPECTED_TIME =
      "Expected an RFC 3339 time up to the year 9999, e.g. 2026-03-01T12:00:00Z.";

  /**
   * Reads an RFC 3339 time.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  public static Instant time(String text) {
    try {
      OffsetDateTime time = OffsetDateTime.parse(text).withOffsetSameInstant(ZoneOffset.UTC);
      if (time.getYear() >= 0 && time.getYear() <= LAST_YEAR) {
        return time.toInstant();
      }
    } catch (DateTimeException e) {
      // falls through to the one message below
    }
    throw new IllegalArgumentException(EXPECTED_TIME);
  }

  private static final class TimeWriter extends StdSerializer<Instant> {
    TimeWriter() {
      super(Instant.class);
    }

    @Override
    public void serialize(Instant value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString(value.toString());
    }
  }

  private static final class TimeReader extends StdDeserializer<Instant> {
    TimeReader() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser json, DeserializationContext context) throws IOException {
      if (json.currentToken() == JsonToken.VALUE_STRING) {
        try {
          return time(json.getText());
        } catch (IllegalArgumentException e) {
          // falls through to the one message below
        }
      }
      throw MismatchedInputException.from(json, Instant.class, EXPECTED_TIME);
    }
  }

  /** Numbers and booleans are no texts, although Jackson would take them for such. */
  private static final class TextReader extends StdDeserializer<String> {
    TextReader() {
      super(String.class);
    }

    @Override
    public String deserialize(JsonParser json, DeserializationContext context) throws IOException {
      if (json.currentToken() == JsonToken.VALUE_STRING) {
        return json.getText();
      }
      throw MismatchedInputException.from(json, String.class, "Expected a text.");
    }
  }
}
