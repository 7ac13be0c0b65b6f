package dev.areaflow.api.topics;

import dev.areaflow.schemas.topics.RegistryUnavailableException;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.TopicSerdes;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the values of one topic. Safe for several threads, one record at a time. */
public final class RecordDecoder<V> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RecordDecoder.class);

  private final Deserializer<V> values;

  public RecordDecoder(TopicSerdes serdes, Topic<V> topic) {
    this.values = serdes.values(topic).deserializer();
  }

  /**
   * The value of a record; empty where it has none, or none that can be read, which is reported.
   *
   * @throws RegistryUnavailableException if its schema cannot be had now
   */
  public synchronized Optional<V> read(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(values.deserialize(record.topic(), record.headers(), record.value()));
    } catch (RuntimeException e) {
      // serdes throw whatever their libraries do; only an outage says nothing about the record
      if (RegistryUnavailableException.isCauseOf(e)) {
        throw e;
      }
      LOG.error(
          "{}-{}@{} is not readable and left out",
          record.topic(),
          record.partition(),
          record.offset(),
          e);
      return Optional.empty();
    }
  }

  @Override
  public synchronized void close() {
    values.close();
  }
}
