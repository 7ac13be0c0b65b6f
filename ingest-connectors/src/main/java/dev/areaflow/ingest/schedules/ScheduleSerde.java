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
 * Schedules as JSON, in the store and its changelog. Unknown fields are skipped, so that the
 * release before can read what the next one wrote.
 */
final class ScheduleSerde implements Serde<Schedule> {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  @Override
  public Serializer<Schedule> serializer() {
    return (topic, schedule) -> write(topic, schedule);
  }

  @Override
  public Deserializer<Schedule> deserializer() {
    return (topic, bytes) -> read(topic, bytes);
  }

  private static byte @Nullable [] write(String topic, @Nullable Schedule schedule) {
    try {
      return schedule == null ? null : JSON.writeValueAsBytes(schedule);
    } catch (IOException e) {
      throw new SerializationException(topic + ": schedule cannot be written as JSON", e);
    }
  }

  private static @Nullable Schedule read(String topic, byte @Nullable [] bytes) {
    try {
      return bytes == null ? null : JSON.readValue(bytes, Schedule.class);
    } catch (IOException e) {
      throw new SerializationException(topic + ": expected a schedule in JSON", e);
    }
  }
}
