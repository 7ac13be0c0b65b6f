package dev.areaflow.ingest.schedules;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.TopicSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.DefaultProductionExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler;

/**
 * The schedules of all clocks: a Streams application that fires each scheduled instant once.
 *
 * <p>{@link #start} expects the topics to be there; after that it survives whatever happens to
 * Kafka and the registry. Start and close are called once each, from one thread.
 */
public final class Schedules implements AutoCloseable {
  private final SupervisedStreams streams;

  /**
   * @param stateDir where Streams keeps its stores
   * @param catalog says which hooks are clocks
   */
  public Schedules(TopicSettings kafka, Path stateDir, ServiceCatalog catalog, TopicSerdes serdes) {
    StreamsConfig config = new StreamsConfig(properties(kafka, stateDir));
    SchedulesTopology topology =
        new SchedulesTopology(new Clocks(catalog), new Polled(catalog), serdes);
    this.streams =
        new SupervisedStreams(
            SchedulesTopology.APPLICATION, () -> new KafkaStreams(topology.build(config), config));
  }

  public void start() {
    streams.start();
  }

  /** Whether all clocks are being watched. */
  public boolean running() {
    return streams.running();
  }

  @Override
  public void close() {
    streams.close();
  }

  static Map<String, Object> properties(TopicSettings kafka, Path stateDir) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, SchedulesTopology.APPLICATION);
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, kafka.replicationFactor());
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 50);
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    // What cannot be decided upon goes to the dead letters by the processor's own hand. Whatever
    // reaches these handlers is the outside world (a broker, the registry) or a bug: neither may
    // skip a record, so the application stops and is made anew.
    properties.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
        LogAndFailExceptionHandler.class);
    properties.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
        LogAndFailProcessingExceptionHandler.class);
    properties.put(
        StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG,
        DefaultProductionExceptionHandler.class);
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 6_000);
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 2_000);
    properties.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
        TopicAdmin.MAX_MESSAGE_BYTES);
    return properties;
  }
}
