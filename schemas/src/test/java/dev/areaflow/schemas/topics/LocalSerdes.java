package dev.areaflow.schemas.topics;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/** Serdes for tests that run without a registry: the same Avro, without a content id before it. */
public final class LocalSerdes implements TopicSerdes {

  @Override
  public <V> Serde<V> values(Topic<V> topic) {
    return SpecificRecord.class.isAssignableFrom(topic.value())
        ? Serdes.serdeFrom(serializer(topic), deserializer(topic))
        : new JsonRowSerde<>(topic);
  }

  private static <V> Serializer<V> serializer(Topic<V> topic) {
    return (name, value) -> {
      if (value == null) {
        return null;
      }
      var bytes = new ByteArrayOutputStream();
      var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
      try {
        new SpecificDatumWriter<>(topic.value()).write(value, encoder);
        encoder.flush();
      } catch (IOException e) {
        throw new SerializationException(topic.name(), e);
      }
      return bytes.toByteArray();
    };
  }

  private static <V> Deserializer<V> deserializer(Topic<V> topic) {
    return (name, bytes) -> {
      if (bytes == null) {
        return null;
      }
      try {
        return new SpecificDatumReader<>(topic.value())
            .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
      } catch (IOException | RuntimeException e) {
        throw new SerializationException(topic.name(), e);
      }
    };
  }
}
