package dev.areaflow.topology;

import static java.util.stream.Collectors.toMap;

import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Holds the events back until the definitions that were there at the start are applied: within a
 * task definitions come first by their record time, but they reach it through another task, which
 * Streams does not wait for. So a rebuilt topology decides old events by the definitions, not by
 * their absence, and a restarted one by what was saved while it was down.
 *
 * <p>Ticks are held back with them: those of now would make time pass, and ids be forgotten, before
 * the events that wait. So is what was forwarded, for the same reasons.
 *
 * <p>It clothes the consumers of the application: while it is closed their partitions stay paused,
 * and count as empty, so that their tasks go on with the rest. It opens once. Behind it {@link
 * HeldTicks} lets no tick pass an event.
 */
final class EventsGate implements KafkaClientSupplier {
  private static final Set<String> HELD =
      Set.of(Topics.EVENTS.name(), Topics.TICKS.name(), AreaflowTopology.FORWARDED_TOPIC);

  private volatile boolean open;

  void open() {
    open = true;
  }

  boolean isOpen() {
    return open;
  }

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    return Admin.create(config);
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
    return new GatedConsumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
    return plainConsumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    return plainConsumer(config);
  }

  private static Consumer<byte[], byte[]> plainConsumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static boolean isHeld(TopicPartition partition) {
    return HELD.contains(partition.topic());
  }

  /** What a consumer and an admin client both are told, as where the brokers are. */
  private static Map<String, Object> forAdmin(Map<String, Object> consumer) {
    Map<String, Object> common = new HashMap<>(consumer);
    common.keySet().retainAll(AdminClientConfig.configNames());
    return common;
  }

  /** Used by one stream thread, as every consumer. */
  private final class GatedConsumer extends KafkaConsumer<byte[], byte[]> {
    /** How long a fetch may take while ticks wait for an answer that it does not bring. */
    private static final Duration LOOK = Duration.ofMillis(10);

    private static final ListOffsetsOptions ALL =
        new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED);

    private final Admin admin;
    private final HeldTicks ticks = new HeldTicks(this::ends, this::nextOffset);

    /** What Streams itself wants paused; the gate must not resume that. */
    private final Set<TopicPartition> pausedByStreams = new HashSet<>();

    private boolean released;

    GatedConsumer(Map<String, Object> config) {
      super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      this.admin = Admin.create(forAdmin(config));
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      if (!open) {
        super.pause(assignedHeld());
      } else if (!released) {
        released = true;
        List<TopicPartition> held = assignedHeld();
        held.removeAll(pausedByStreams);
        super.resume(held);
      }
      Duration patience = ticks.isEmpty() || timeout.compareTo(LOOK) < 0 ? timeout : LOOK;
      ticks.look();
      return ticks.replace(super.poll(patience), assignment(), paused());
    }

    @Override
    public void pause(Collection<TopicPartition> partitions) {
      pausedByStreams.addAll(partitions);
      super.pause(partitions);
    }

    @Override
    public void resume(Collection<TopicPartition> partitions) {
      pausedByStreams.removeAll(partitions);
      super.resume(released ? partitions : partitions.stream().filter(p -> !isHeld(p)).toList());
    }

    @Override
    public OptionalLong currentLag(TopicPartition partition) {
      return !released && isHeld(partition) ? OptionalLong.of(0) : super.currentLag(partition);
    }

    @Override
    public void close() {
      try {
        super.close();
      } finally {
        admin.close(Duration.ZERO); // whose requests may wait for a broker
      }
    }

    @Override
    public void close(CloseOptions options) {
      try {
        super.close(options);
      } finally {
        admin.close(Duration.ZERO);
      }
    }

    private Map<TopicPartition, CompletableFuture<Long>> ends(Set<TopicPartition> partitions) {
      Map<TopicPartition, OffsetSpec> latest =
          partitions.stream().collect(toMap(partition -> partition, of -> OffsetSpec.latest()));
      ListOffsetsResult asked = admin.listOffsets(latest, ALL);
      return partitions.stream()
          .collect(
              toMap(
                  partition -> partition,
                  partition ->
                      asked
                          .partitionResult(partition)
                          .toCompletionStage()
                          .thenApply(ListOffsetsResultInfo::offset)
                          .toCompletableFuture()));
    }

    private long nextOffset(TopicPartition partition) {
      try {
        return position(partition, Duration.ZERO);
      } catch (TimeoutException e) {
        return -1; // after a rebalance, until its offsets are fetched
      }
    }

    private List<TopicPartition> assignedHeld() {
      return new ArrayList<>(assignment().stream().filter(EventsGate::isHeld).toList());
    }
  }
}
