package dev.areaflow.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.TopicAdmin;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the application promises, as Streams understands its properties. */
final class ApplicationPropertiesTest {
  @TempDir private Path directory;
  private StoreMemory memory;
  private StreamsConfig properties;

  @BeforeEach
  void open() {
    TopologyConfig config = Harness.config(directory, Map.of());
    memory = new StoreMemory(config.storeMebibytes());
    DeadLetters deadLetters =
        new DeadLetters(
            new LocalSerdes(), Clock.systemUTC(), new TopologyMetrics(new SimpleMeterRegistry()));
    Properties all = ApplicationProperties.of(config, deadLetters, memory);
    properties = new StreamsConfig(all);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void resultsAreExactlyOnceAndVisibleSoon() {
    // when, then
    assertThat(properties.getString(StreamsConfig.PROCESSING_GUARANTEE_CONFIG))
        .isEqualTo(StreamsConfig.EXACTLY_ONCE_V2);
    assertThat(properties.getLong(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG)).isEqualTo(40);
    assertThat(consumer()).containsEntry(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
  }

  @Test
  void everyKindOfFailureHasItsHandler() {
    // when, then
    assertThat(properties.getClass(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG))
        .isEqualTo(UnreadableRecords.class);
    assertThat(properties.getClass(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG))
        .isEqualTo(UnprocessableRecords.class);
    assertThat(properties.getClass(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG))
        .isEqualTo(UnwritableRecords.class);
  }

  @Test
  void olderRecordsOfOtherInputsAreWaitedFor() {
    // when, then
    assertThat(properties.getLong(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG)).isZero();
  }

  @Test
  void theLargestRecordCanBeWritten() {
    // when, then
    assertThat(properties.getProducerConfigs("producer"))
        .containsEntry(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, TopicAdmin.MAX_MESSAGE_BYTES);
  }

  private Map<String, Object> consumer() {
    return properties.getMainConsumerConfigs("areaflow-topology", "consumer", 0);
  }
}
