package dev.areaflow.schemas.topics;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Writes through the registry, and says so when it is the registry that fails. */
final class RegistrySerializer<V> implements Serializer<V> {
  private final Serializer<V> avro;

  RegistrySerializer(Serializer<V> avro) {
    this.avro = avro;
  }

  @Override
  public byte @Nullable [] serialize(String topic, @Nullable V value) {
    try {
      return avro.serialize(topic, value);
    } catch (RuntimeException e) {
      throw RegistryOutage.translate(topic, e);
    }
  }

  @Override
  public byte @Nullable [] serialize(String topic, Headers headers, @Nullable V value) {
    try {
      return avro.serialize(topic, headers, value);
    } catch (RuntimeException e) {
      throw RegistryOutage.translate(topic, e);
    }
  }

  @Override
  public void close() {
    avro.close();
  }
}
