package dev.areaflow.launcher.demo;

import dev.areaflow.schemas.topics.RegistrySerdes;
import dev.areaflow.schemas.topics.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Looks records up in the topics, as any outside reader can. */
final class TopicView {
  private final String bootstrapServers;
  private final RegistrySerdes serdes;

  TopicView(String bootstrapServers, String registryUrl) {
    this.bootstrapServers = bootstrapServers;
    this.serdes = new RegistrySerdes(registryUrl);
  }

  /**
   * The first committed record of a topic that is wanted.
   *
   * @throws DemoFailedException when there is none within {@code patience}
   */
  <V> ConsumerRecord<String, V> find(Topic<V> topic, Duration patience, Predicate<V> wanted) {
    Map<String, Object> configuration =
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "isolation.level",
            "read_committed",
            "enable.auto.commit",
            false);
    try (Serde<V> values = serdes.values(topic);
        KafkaConsumer<String, V> consumer =
            new KafkaConsumer<>(configuration, new StringDeserializer(), values.deserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Instant deadline = Instant.now().plus(patience);
      while (Instant.now().isBefore(deadline)) {
        for (ConsumerRecord<String, V> record : consumer.poll(Duration.ofMillis(100))) {
          if (wanted.test(record.value())) {
            return record;
          }
        }
      }
    }
    throw new DemoFailedException(
        topic.name() + " has no such record after " + patience.toSeconds() + " s");
  }
}
