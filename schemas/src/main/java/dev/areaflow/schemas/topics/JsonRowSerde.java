package dev.areaflow.schemas.topics;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Rows of change data capture: JSON objects whose fields are the columns; a tombstone is null. */
final class JsonRowSerde<V> implements Serde<V> {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private final Topic<V> topic;

  JsonRowSerde(Topic<V> topic) {
    this.topic = topic;
  }

  @Override
  public Serializer<V> serializer() {
    return (name, value) -> write(value);
  }

  @Override
  public Deserializer<V> deserializer() {
    return (name, bytes) -> read(bytes);
  }

  private byte @Nullable [] write(@Nullable V value) {
    try {
      return value == null ? null : JSON.writeValueAsBytes(value);
    } catch (IOException e) {
      throw new SerializationException(topic.name() + ": row cannot be written as JSON", e);
    }
  }

  private @Nullable V read(byte @Nullable [] bytes) {
    try {
      return bytes == null ? null : JSON.readValue(bytes, topic.value());
    } catch (IOException e) {
      throw new SerializationException(
          topic.name() + ": expected a JSON row of " + topic.value().getSimpleName(), e);
    }
  }
}
