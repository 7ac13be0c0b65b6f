package dev.areaflow.topology;

import dev.areaflow.schemas.avro.AreaStatus;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.Tick;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.serialization.Serde;

/** One serde a topic, shared by the stream threads, so that each schema is looked up once. */
final class SharedSerdes implements TopicSerdes, AutoCloseable {
  private final TopicSerdes origin;
  private final Map<Topic<?>, Serde<?>> serdes = new ConcurrentHashMap<>();

  SharedSerdes(TopicSerdes origin) {
    this.origin = origin;
  }

  @Override
  @SuppressWarnings("unchecked") // each topic is mapped to the serde of its own values
  public <V> Serde<V> values(Topic<V> topic) {
    return (Serde<V>) serdes.computeIfAbsent(topic, origin::values);
  }

  /**
   * Registers the schemas of all that is written, so that no stream thread has to.
   *
   * @throws dev.areaflow.schemas.topics.RegistryUnavailableException if the registry is away
   */
  void warm() {
    warm(Topics.COMMANDS, Command.newBuilder().build());
    warm(Topics.RUNS, RunRecord.newBuilder().build());
    warm(Topics.STATUS, AreaStatus.newBuilder().build());
    warm(Topics.TICKS, Tick.newBuilder().build());
    warm(Topics.DEAD_LETTERS, DeadLetter.newBuilder().build());
  }

  private <V> void warm(Topic<V> topic, V value) {
    values(topic).serializer().serialize(topic.name(), value);
  }

  @Override
  public void close() {
    serdes.values().forEach(Serde::close);
  }
}
