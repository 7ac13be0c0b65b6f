package dev.areaflow.schemas.topics;

import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Reads through the registry, and says so when it is the registry that fails. */
final class RegistryDeserializer<V> implements Deserializer<V> {
  private final Deserializer<V> avro;
  private final Class<V> expected;

  RegistryDeserializer(Deserializer<V> avro, Class<V> expected) {
    this.avro = avro;
    this.expected = expected;
  }

  @Override
  public @Nullable V deserialize(String topic, byte @Nullable [] bytes) {
    try {
      return checked(avro.deserialize(topic, bytes));
    } catch (RuntimeException e) {
      throw RegistryOutage.whileReading(topic, e);
    }
  }

  @Override
  public @Nullable V deserialize(String topic, Headers headers, byte @Nullable [] bytes) {
    try {
      return checked(avro.deserialize(topic, headers, bytes));
    } catch (RuntimeException e) {
      throw RegistryOutage.whileReading(topic, e);
    }
  }

  /** A record of another schema is one that cannot be read, not a failure further down. */
  private @Nullable V checked(@Nullable V value) {
    if (value != null && !expected.isInstance(value)) {
      throw new SerializationException(
          "expected a "
              + expected.getSimpleName()
              + ", found a "
              + value.getClass().getSimpleName());
    }
    return value;
  }

  @Override
  public void close() {
    avro.close();
  }
}
