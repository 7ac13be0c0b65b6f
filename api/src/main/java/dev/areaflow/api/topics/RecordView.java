package dev.areaflow.api.topics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.http.Json;
import dev.areaflow.schemas.topics.RegistryUnavailableException;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.common.serialization.Serde;

/**
 * Shows the bytes of records: as JSON by their topic's schema, else as text where they are UTF-8,
 * else in base64. Of each at most {@value #MOST_CHARACTERS} characters. Safe for several threads.
 */
public final class RecordView {
  static final int MOST_CHARACTERS = 64 * 1024;

  private static final Map<String, Topic<?>> BY_NAME =
      Topics.all().stream().collect(Collectors.toMap(Topic::name, topic -> topic));

  private final TopicSerdes serdes;

  public RecordView(TopicSerdes serdes) {
    this.serdes = serdes;
  }

  /**
   * A value of a topic.
   *
   * @throws RegistryUnavailableException if its schema cannot be had now
   */
  public JsonNode value(String topic, ByteBuffer value) {
    Topic<?> known = BY_NAME.get(topic);
    if (known == null) {
      return text(value);
    }
    try (Serde<?> serde = serdes.values(known)) {
      Object read = serde.deserializer().deserialize(topic, bytes(value));
      JsonNode json = read instanceof IndexedRecord record ? json(record) : Json.tree(read);
      int length = json.toString().length();
      return length <= MOST_CHARACTERS
          ? part("json", json, value, false)
          : part("text", cut(json.toString()), value, true);
    } catch (RuntimeException e) {
      // serdes throw whatever their libraries do; only an outage says nothing about the bytes
      if (RegistryUnavailableException.isCauseOf(e)) {
        throw e;
      }
      return text(value).put("unreadable", String.valueOf(e.getMessage()));
    }
  }

  /** Bytes of no certain form. */
  public ObjectNode text(ByteBuffer bytes) {
    Optional<String> text = utf8(bytes);
    String shown = text.orElseGet(() -> Base64.getEncoder().encodeToString(bytes(bytes)));
    return part(
        text.isPresent() ? "text" : "base64", cut(shown), bytes, shown.length() > MOST_CHARACTERS);
  }

  private static ObjectNode part(String encoding, JsonNode content, ByteBuffer all, boolean cut) {
    ObjectNode part = JsonNodeFactory.instance.objectNode();
    part.put("encoding", encoding);
    part.set("content", content);
    part.put("bytes", all.remaining());
    part.put("cut", cut);
    return part;
  }

  /** A multiple of four, so that cut base64 can be read. */
  private static JsonNode cut(String text) {
    return JsonNodeFactory.instance.textNode(
        text.substring(0, Math.min(text.length(), MOST_CHARACTERS)));
  }

  private static JsonNode json(Object value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (value) {
      case null -> nodes.nullNode();
      case IndexedRecord record -> {
        ObjectNode object = nodes.objectNode();
        for (Schema.Field field : record.getSchema().getFields()) {
          object.set(field.name(), json(record.get(field.pos())));
        }
        yield object;
      }
      case Map<?, ?> map -> {
        ObjectNode object = nodes.objectNode();
        map.forEach((key, each) -> object.set(String.valueOf(key), json(each)));
        yield object;
      }
      case Collection<?> all -> {
        var array = nodes.arrayNode();
        all.forEach(each -> array.add(json(each)));
        yield array;
      }
      case ByteBuffer bytes ->
          nodes.textNode(
              utf8(bytes).orElseGet(() -> Base64.getEncoder().encodeToString(bytes(bytes))));
      case Integer number -> nodes.numberNode(number);
      case Long number -> nodes.numberNode(number);
      case Boolean flag -> nodes.booleanNode(flag);
      default -> nodes.textNode(value.toString());
    };
  }

  private static Optional<String> utf8(ByteBuffer bytes) {
    try {
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
