package dev.areaflow.topology;

import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Whether the definitions that were there at the start are applied: the application has read them
 * up to where they ended then, and after that what they became on their way to their homes. For one
 * thread.
 */
final class DefinitionsProgress {
  private static final Duration LOOK = Duration.ofMillis(500);

  private final Admin admin;
  private final Consumer<byte[], byte[]> reader;
  private final List<Leg> legs;

  /** One of the topics that definitions travel through, and where it has to be read up to. */
  private static final class Leg {
    private final List<TopicPartition> partitions;
    private final IsolationLevel isolation;
    private @Nullable Map<TopicPartition, ListOffsetsResultInfo> ends;

    /**
     * @param isolation which records were there at the start
     */
    Leg(String topic, int partitions, IsolationLevel isolation) {
      this.isolation = isolation;
      this.partitions =
          IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(topic, p)).toList();
    }
  }

  /**
   * @param reader reads committed records only; the caller's to close
   */
  DefinitionsProgress(Admin admin, Consumer<byte[], byte[]> reader, int partitions) {
    this.admin = admin;
    this.reader = reader;
    this.legs =
        List.of(
            new Leg(Topics.DEFINITIONS.name(), partitions, IsolationLevel.READ_COMMITTED),
            // What an instance that died had in an open transaction lies before all that follows.
            new Leg(
                AreaflowTopology.REPARTITION_TOPIC, partitions, IsolationLevel.READ_UNCOMMITTED));
  }

  /**
   * Looks once.
   *
   * @throws ExecutionException if Kafka does not answer
   */
  boolean isComplete() throws ExecutionException, InterruptedException {
    try {
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin
              .listConsumerGroupOffsets(AreaflowTopology.APPLICATION)
              .partitionsToOffsetAndMetadata()
              .get();
      for (Leg leg : legs) {
        if (!isRead(leg, committed)) {
          return false;
        }
      }
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false; // the application has not made its topics yet
      }
      throw e;
    }
  }

  /** The end is fixed when the leg is first looked at: what is saved later does not delay it. */
  private boolean isRead(Leg leg, Map<TopicPartition, OffsetAndMetadata> committed)
      throws ExecutionException, InterruptedException {
    Map<TopicPartition, ListOffsetsResultInfo> ends = leg.ends;
    if (ends == null) {
      Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
      leg.partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
      ends = admin.listOffsets(latest, new ListOffsetsOptions(leg.isolation)).all().get();
      leg.ends = ends;
    }
    for (TopicPartition partition : leg.partitions) {
      OffsetAndMetadata read = committed.get(partition);
      if (!nothingBetween(partition, read, Objects.requireNonNull(ends.get(partition)).offset())) {
        return false;
      }
    }
    return true;
  }

  /** Offsets alone do not tell: markers of transactions take some and are never committed. */
  private boolean nothingBetween(
      TopicPartition partition, @Nullable OffsetAndMetadata read, long end) {
    if (end == 0 || (read != null && read.offset() >= end)) {
      return true;
    }
    reader.assign(List.of(partition));
    if (read == null) {
      reader.seekToBeginning(List.of(partition));
    } else {
      reader.seek(partition, read.offset());
    }
    long deadline = System.nanoTime() + LOOK.toNanos();
    while (reader.position(partition) < end) {
      if (!reader.poll(Duration.ofMillis(50)).isEmpty() || System.nanoTime() > deadline) {
        return false;
      }
    }
    return true;
  }
}
