package dev.areaflow.ingest.schedules;

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

/**
 * What is remembered of a hook as JSON, in the store and its changelog. Unknown fields are skipped,
 * so that the release before can read what the next one wrote.
 *
 * @param type what it is
 * @param name what it is called in messages
 */
record JsonSerde<T>(Class<T> type, String name) implements Serde<T> {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  @Override
  public Serializer<T> serializer() {
    return this::write;
  }

  @Override
  public Deserializer<T> deserializer() {
    return this::read;
  }

  private byte @Nullable [] write(String topic, @Nullable T value) {
    try {
      return value == null ? null : JSON.writeValueAsBytes(value);
    } catch (IOException e) {
      throw new SerializationException(topic + ": " + name + " cannot be written as JSON", e);
    }
  }

  private @Nullable T read(String topic, byte @Nullable [] bytes) {
    try {
      return bytes == null ? null : JSON.readValue(bytes, type);
    } catch (IOException e) {
      throw new SerializationException(topic + ": expected a " + name + " in JSON", e);
    }
  }
}
