package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.avro.ReplayProgress;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/** The topic in which replays stand. Belongs to the thread of its consumers. */
final class ReplayLog implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  /** A transaction that nobody ends is ended by the broker before. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Consumer<byte[], byte[]> committed;
  private final Consumer<byte[], byte[]> uncommitted;
  private final Deserializer<ReplayProgress> reader;
  private final Serializer<ReplayProgress> writer;

  /**
   * @param committed belongs to no group, reads what is committed; closed with this
   * @param uncommitted belongs to no group, sees what is not committed, too; closed with this
   */
  ReplayLog(
      Consumer<byte[], byte[]> committed,
      Consumer<byte[], byte[]> uncommitted,
      TopicSerdes serdes) {
    this.committed = committed;
    this.uncommitted = uncommitted;
    this.reader = serdes.values(Topics.REPLAY_PROGRESS).deserializer();
    this.writer = serdes.values(Topics.REPLAY_PROGRESS).serializer();
  }

  /**
   * The replays of a partition, by their ids. Waits for the end of what whoever had the partition
   * before may have left open: its last transaction counts or does not, but is not missed.
   *
   * @throws TimeoutException if that is not known in time
   */
  Map<String, Replay> read(int number) {
    TopicPartition partition = new TopicPartition(Topics.REPLAY_PROGRESS.name(), number);
    List<TopicPartition> one = List.of(partition);
    long end = Objects.requireNonNull(uncommitted.endOffsets(one).get(partition));
    committed.assign(one);
    committed.seek(
        partition, Objects.requireNonNull(committed.beginningOffsets(one).get(partition)));
    Map<String, Replay> replays = new HashMap<>();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (committed.position(partition) < end) {
      if (System.nanoTime() - deadline >= 0) {
        throw new TimeoutException(partition + " was not read to " + end + " within " + PATIENCE);
      }
      for (ConsumerRecord<byte[], byte[]> record : committed.poll(POLL)) {
        String id = new String(record.key(), StandardCharsets.UTF_8);
        if (record.value() == null) {
          replays.remove(id);
        } else {
          replays.put(
              id, new Replay(reader.deserialize(record.topic(), record.headers(), record.value())));
        }
      }
    }
    return replays;
  }

  /** What is written of a replay. */
  ProducerRecord<byte[], byte[]> record(int partition, Replay replay) {
    String topic = Topics.REPLAY_PROGRESS.name();
    return new ProducerRecord<>(
        topic,
        partition,
        replay.id().getBytes(StandardCharsets.UTF_8),
        writer.serialize(topic, replay.progress()));
  }

  @Override
  public void close() {
    committed.close();
    uncommitted.close();
  }
}
