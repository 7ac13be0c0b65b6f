package dev.areaflow.ingest.schedules;

import dev.areaflow.catalog.clock.ClockSchedule;
import dev.areaflow.schemas.rows.HookRow;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The dataflow of {@code areaflow-schedules}.
 *
 * <pre>
 *   area.hooks ──► schedule-clocks (stores: schedules, due) ──► area.events
 *                                                           └─► area.dead-letters
 * </pre>
 *
 * Polls will join it: another processor beside this one, fed by the same source.
 */
final class SchedulesTopology {
  static final String APPLICATION = "areaflow-schedules";

  private final Function<HookRow, Optional<ClockSchedule>> clocks;
  private final TopicSerdes serdes;

  /**
   * @param clocks the instants of a hook, empty where it is no clock; throws {@link
   *     IllegalArgumentException} if it is one whose inputs cannot be used
   */
  SchedulesTopology(Function<HookRow, Optional<ClockSchedule>> clocks, TopicSerdes serdes) {
    this.clocks = clocks;
    this.serdes = serdes;
  }

  Topology build(StreamsConfig config) {
    return new Topology(new TopologyConfig(config))
        .addSource(
            "hooks", new StringDeserializer(), new ByteArrayDeserializer(), Topics.HOOKS.name())
        .addProcessor(
            ScheduleClocks.NODE,
            new Supplier(clocks, serdes.values(Topics.HOOKS).deserializer()),
            "hooks")
        .addSink(
            ScheduleClocks.EVENTS,
            Topics.EVENTS.name(),
            new StringSerializer(),
            serdes.values(Topics.EVENTS).serializer(),
            ScheduleClocks.NODE)
        .addSink(
            ScheduleClocks.DEAD_LETTERS,
            Topics.DEAD_LETTERS.name(),
            new StringSerializer(),
            serdes.values(Topics.DEAD_LETTERS).serializer(),
            ScheduleClocks.NODE);
  }

  private record Supplier(
      Function<HookRow, Optional<ClockSchedule>> clocks, Deserializer<HookRow> rows)
      implements ProcessorSupplier<String, byte[], String, SpecificRecord> {

    @Override
    public Processor<String, byte[], String, SpecificRecord> get() {
      return new ScheduleClocks(clocks, rows);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return Set.of(
          Stores.keyValueStoreBuilder(
              Stores.persistentKeyValueStore(ScheduleClocks.SCHEDULES),
              Serdes.String(),
              new ScheduleSerde()),
          Stores.keyValueStoreBuilder(
              Stores.persistentKeyValueStore(ScheduleClocks.DUE),
              Serdes.Bytes(),
              Serdes.ByteArray()));
    }
  }
}
