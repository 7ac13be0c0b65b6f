package dev.areaflow.schemas.topics;

import org.apache.kafka.common.serialization.Serde;

/**
 * How the values of topics are written and read: Avro through the schema registry, rows of change
 * data capture as JSON. {@link RegistrySerdes} is the one that runs; tests without a registry have
 * their own.
 */
public interface TopicSerdes {

  /** A new serde for a topic's values; whoever asked closes it. */
  <V> Serde<V> values(Topic<V> topic);
}
