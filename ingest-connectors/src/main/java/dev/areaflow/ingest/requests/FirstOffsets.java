package dev.areaflow.ingest.requests;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Where a group begins to read a topic. Only one that never read it begins at the beginning. */
final class FirstOffsets {
  private FirstOffsets() {}

  /**
   * Commits the beginnings for a group that has no offsets of the topic.
   *
   * @param consumer of the group, before it subscribes
   * @throws IllegalStateException if the topic is not there, or the group has lost some offsets
   */
  static void establish(Consumer<?, ?> consumer, String topic, String group) {
    Set<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .collect(Collectors.toSet());
    if (partitions.isEmpty()) {
      throw new IllegalStateException(topic + " is not there yet");
    }
    Set<TopicPartition> missing = new HashSet<>(partitions);
    consumer
        .committed(partitions)
        .forEach(
            (partition, offset) -> {
              if (offset != null) {
                missing.remove(partition);
              }
            });
    if (missing.isEmpty()) {
      return;
    }
    if (missing.size() < partitions.size()) {
      throw new IllegalStateException(
          "the consumer group "
              + group
              + " has lost its offsets of "
              + missing
              + "; set them with kafka-consumer-groups --reset-offsets to where it stopped");
    }
    Map<TopicPartition, OffsetAndMetadata> beginnings = new HashMap<>();
    consumer
        .beginningOffsets(partitions)
        .forEach((partition, offset) -> beginnings.put(partition, new OffsetAndMetadata(offset)));
    consumer.commitSync(beginnings);
  }
}
