package dev.areaflow.ingest.schedules;

import dev.areaflow.expressions.clock.ClockSchedule;
import dev.areaflow.schemas.avro.PollResult;
import dev.areaflow.schemas.avro.Wake;
import dev.areaflow.schemas.rows.HookRow;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
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
 *   area.hooks ────────┬─► schedule-clocks (stores: schedules, due) ─┬─► area.events
 *                      └─► schedule-polls (stores: polls, polls-due) ┼─► area.dead-letters
 *   area.poll-results ─┤             (and poll-reports)              ├─► area.polls
 *   area.wakes ────────┘                                             └─► area.poll-status
 * </pre>
 */
final class SchedulesTopology {
  static final String APPLICATION = "areaflow-schedules";

  private final Function<HookRow, Optional<ClockSchedule>> clocks;
  private final Function<HookRow, Optional<Duration>> polled;
  private final TopicSerdes serdes;

  /**
   * @param clocks the instants of a hook, empty where it is no clock; throws {@link
   *     IllegalArgumentException} if it is one whose inputs cannot be used
   * @param polled the interval of a hook, empty where it is not polled
   */
  SchedulesTopology(
      Function<HookRow, Optional<ClockSchedule>> clocks,
      Function<HookRow, Optional<Duration>> polled,
      TopicSerdes serdes) {
    this.clocks = clocks;
    this.polled = polled;
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
        .addSource(
            "poll-results",
            new StringDeserializer(),
            new ByteArrayDeserializer(),
            Topics.POLL_RESULTS.name())
        .addSource(
            "wakes", new StringDeserializer(), new ByteArrayDeserializer(), Topics.WAKES.name())
        .addProcessor(
            SchedulePolls.NODE,
            new PollsSupplier(
                polled,
                serdes.values(Topics.HOOKS).deserializer(),
                serdes.values(Topics.POLL_RESULTS).deserializer(),
                serdes.values(Topics.WAKES).deserializer()),
            "hooks",
            "poll-results",
            "wakes")
        .addSink(
            SchedulePolls.ISSUED,
            Topics.POLLS.name(),
            new StringSerializer(),
            serdes.values(Topics.POLLS).serializer(),
            SchedulePolls.NODE)
        .addSink(
            SchedulePolls.STATUS,
            Topics.POLL_STATUS.name(),
            new StringSerializer(),
            serdes.values(Topics.POLL_STATUS).serializer(),
            SchedulePolls.NODE)
        .addSink(
            ScheduleClocks.EVENTS,
            Topics.EVENTS.name(),
            new StringSerializer(),
            serdes.values(Topics.EVENTS).serializer(),
            ScheduleClocks.NODE,
            SchedulePolls.NODE)
        .addSink(
            ScheduleClocks.DEAD_LETTERS,
            Topics.DEAD_LETTERS.name(),
            new StringSerializer(),
            serdes.values(Topics.DEAD_LETTERS).serializer(),
            ScheduleClocks.NODE,
            SchedulePolls.NODE);
  }

  private record PollsSupplier(
      Function<HookRow, Optional<Duration>> polled,
      Deserializer<HookRow> rows,
      Deserializer<PollResult> results,
      Deserializer<Wake> wakes)
      implements ProcessorSupplier<String, byte[], String, SpecificRecord> {

    @Override
    public Processor<String, byte[], String, SpecificRecord> get() {
      return new SchedulePolls(polled, rows, results, wakes);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return Set.of(
          Stores.keyValueStoreBuilder(
              Stores.persistentKeyValueStore(SchedulePolls.STATES),
              Serdes.String(),
              new JsonSerde<>(PollState.class, "poll state")),
          Stores.keyValueStoreBuilder(
              Stores.persistentKeyValueStore(SchedulePolls.DUE),
              Serdes.Bytes(),
              Serdes.ByteArray()),
          Stores.keyValueStoreBuilder(
              Stores.persistentKeyValueStore(PollReports.STORE),
              Serdes.String(),
              new JsonSerde<>(PollReport.class, "poll report")));
    }
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
              new JsonSerde<>(Schedule.class, "schedule")),
          Stores.keyValueStoreBuilder(
              Stores.persistentKeyValueStore(ScheduleClocks.DUE),
              Serdes.Bytes(),
              Serdes.ByteArray()));
    }
  }
}
