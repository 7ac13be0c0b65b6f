package dev.areaflow.topology;

import dev.areaflow.schemas.topics.TopicAdmin;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The properties of the application, each that matters set explicitly. */
final class ApplicationProperties {
  private static final int BATCH_BYTES = 128 * 1024;

  /** Records in hand are bounded by count, so keep it small: one may be as large as a megabyte. */
  private static final int RECORDS_IN_HAND = 100;

  private ApplicationProperties() {}

  static Properties of(TopologyConfig config, DeadLetters deadLetters, StoreMemory memory) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, AreaflowTopology.APPLICATION);
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.topics().bootstrapServers());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
    properties.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.standbys());
    properties.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDirectory().toString());
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    properties.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, RECORDS_IN_HAND);
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, config.topics().replicationFactor());
    properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    // Wait for older records of the task's other inputs that are known to be on the broker:
    // definitions, whose record time is 0, come first. What is not known yet, HeldTicks asks for.
    properties.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, 0L);

    properties.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, UnreadableRecords.class);
    properties.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, UnprocessableRecords.class);
    properties.put(
        StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, UnwritableRecords.class);
    properties.put(DeadLetters.PROPERTY, deadLetters);
    memory.configure(properties);

    int session = Math.toIntExact(config.sessionTimeout().toMillis());
    consumer(properties, ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, session);
    consumer(properties, ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, session / 4);
    consumer(properties, ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS_IN_HAND);
    producer(
        properties,
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
        Math.toIntExact(config.transactionTimeout().toMillis()));
    producer(properties, ProducerConfig.MAX_REQUEST_SIZE_CONFIG, TopicAdmin.MAX_MESSAGE_BYTES);
    producer(properties, ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    properties.put(
        StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG),
        TopicAdmin.MAX_MESSAGE_BYTES);

    Properties all = new Properties();
    all.putAll(properties);
    return all;
  }

  private static void consumer(Map<String, Object> properties, String key, Object value) {
    properties.put(StreamsConfig.consumerPrefix(key), value);
  }

  private static void producer(Map<String, Object> properties, String key, Object value) {
    properties.put(StreamsConfig.producerPrefix(key), value);
  }
}
