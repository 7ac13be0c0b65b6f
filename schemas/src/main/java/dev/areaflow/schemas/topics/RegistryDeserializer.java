package dev.areaflow.schemas.topics;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Reads through the registry, and says so when it is the registry that fails. */
final class RegistryDeserializer<V> implements Deserializer<V> {
  private final Deserializer<V> avro;

  RegistryDeserializer(Deserializer<V> avro) {
    this.avro = avro;
  }

  @Override
  public @Nullable V deserialize(String topic, byte @Nullable [] bytes) {
    try {
      return avro.deserialize(topic, bytes);
    } catch (RuntimeException e) {
      throw RegistryOutage.whileReading(topic, e);
    }
  }

  @Override
  public @Nullable V deserialize(String topic, Headers headers, byte @Nullable [] bytes) {
    try {
      return avro.deserialize(topic, headers, bytes);
    } catch (RuntimeException e) {
      throw RegistryOutage.whileReading(topic, e);
    }
  }

  @Override
  public void close() {
    avro.close();
  }
}
