package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.topics.RegistryUnavailableException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;

/** Failures that say nothing about the record in hand. */
final class Outages {
  private Outages() {}

  /** Throws a failure again that is Kafka's or the registry's. */
  static void rethrow(RuntimeException failure) {
    boolean kafka =
        failure instanceof KafkaException && !(failure instanceof SerializationException);
    if (kafka || RegistryUnavailableException.isCauseOf(failure)) {
      throw failure;
    }
  }
}
