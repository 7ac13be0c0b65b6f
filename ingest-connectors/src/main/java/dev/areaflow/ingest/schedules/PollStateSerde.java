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

/** States of polled hooks as JSON, on the terms of {@link ScheduleSerde}. */
final class PollStateSerde implements Serde<PollState> {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  @Override
  public Serializer<PollState> serializer() {
    return (topic, state) -> write(topic, state);
  }

  @Override
  public Deserializer<PollState> deserializer() {
    return (topic, bytes) -> read(topic, bytes);
  }

  private static byte @Nullable [] write(String topic, @Nullable PollState state) {
    try {
      return state == null ? null : JSON.writeValueAsBytes(state);
    } catch (IOException e) {
      throw new SerializationException(topic + ": poll state cannot be written as JSON", e);
    }
  }

  private static @Nullable PollState read(String topic, byte @Nullable [] bytes) {
    try {
      return bytes == null ? null : JSON.readValue(bytes, PollState.class);
    } catch (IOException e) {
      throw new SerializationException(topic + ": expected a poll state in JSON", e);
    }
  }
}
