package dev.areaflow.topology;

import dev.areaflow.expressions.Expressions;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import dev.areaflow.topology.decision.CompiledPlans;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.decision.DefinitionChange;
import dev.areaflow.topology.rows.HomeKey;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * The application {@code areaflow-topology}.
 *
 * <pre>
 * area.definitions ─► rekey-definitions ─► definitions-by-home
 *                        [placements]              │
 *                                          apply-definitions ──────────────────► area.status
 *                              [definitions, rules, task-memory]
 * area.events ──────────────────────────► match-events ───────┬────────────────► area.commands
 *             [definitions, seen-events, rules, runs]         ├────────────────► area.runs
 * area.outcomes ────────────────────────► advance-runs ───────┤
 *                                          [runs]             │
 * area.requests ────────────────────────► follow-requests ────┤
 *                                          [runs]             │
 * area.ticks ───────────────────────────► keep-time ──────────┴────────────────► area.ticks
 *             [definitions, seen-events, rules, runs]
 * </pre>
 *
 * Rules are memories, kept-events, rule-usages and rule-timers; runs are runs, run-materials,
 * timers, area-runs and run-queue; and all of the second have task-memory. Everything below the
 * first line is one sub-topology, partitioned by home: what is known of a home sits in one task.
 */
final class AreaflowTopology {
  static final String APPLICATION = "areaflow-topology";
  static final String DEFINITIONS_BY_HOME = "definitions-by-home";

  /** The topic between the sub-topologies, as Streams names it. */
  static final String REPARTITION_TOPIC = APPLICATION + "-" + DEFINITIONS_BY_HOME + "-repartition";

  static final String WRITE_COMMANDS = "write-commands";
  static final String WRITE_RUNS = "write-runs";
  static final String WRITE_STATUS = "write-status";
  static final String WRITE_TICKS = "write-ticks";

  private static final String DEFINITIONS_SOURCE = "read-definitions";
  private static final String EVENTS_SOURCE = "read-events";
  private static final String OUTCOMES_SOURCE = "read-outcomes";
  private static final String TICKS_SOURCE = "read-ticks";
  private static final String REQUESTS_SOURCE = "read-requests";
  private static final String APPLY_DEFINITIONS = "apply-definitions";
  private static final String MATCH_EVENTS = "match-events";
  private static final String ADVANCE_RUNS = "advance-runs";
  private static final String KEEP_TIME = "keep-time";
  private static final String FOLLOW_REQUESTS = "follow-requests";
  private static final String[] RUNNERS = {MATCH_EVENTS, ADVANCE_RUNS, KEEP_TIME, FOLLOW_REQUESTS};

  private final TopologyConfig config;
  private final TopicSerdes serdes;
  private final TopologyMetrics metrics;

  AreaflowTopology(TopologyConfig config, TopicSerdes serdes, TopologyMetrics metrics) {
    this.config = config;
    this.serdes = serdes;
    this.metrics = metrics;
  }

  /**
   * @param properties of the application; they decide how it is optimized and named
   */
  Topology build(Properties properties) {
    CompiledPlans plans = new CompiledPlans(new Expressions(), config.compiledPlans());
    Decider decider = new Decider(plans, config.retryPolicy());

    StreamsBuilder builder =
        new StreamsBuilder(
            new org.apache.kafka.streams.TopologyConfig(new StreamsConfig(properties)));
    builder.addStateStore(TaskStores.placements());
    builder.addStateStore(TaskStores.definitions());
    builder.stream(Topics.DEFINITIONS.name(), definitions())
        .process(RekeyDefinitions::new, Named.as("rekey-definitions"), TaskStores.PLACEMENTS)
        .repartition(byHome())
        .process(
            () -> new ApplyDefinitions(decider),
            Named.as(APPLY_DEFINITIONS),
            TaskStores.DEFINITIONS);

    Topology topology = builder.build();
    addSource(topology, AutoOffsetReset.none(), EVENTS_SOURCE, Topics.EVENTS);
    topology.addProcessor(
        MATCH_EVENTS,
        () -> new MatchEvents(decider, config.deduplicationWindow(), metrics),
        EVENTS_SOURCE);
    addSource(topology, AutoOffsetReset.none(), OUTCOMES_SOURCE, Topics.OUTCOMES);
    topology.addProcessor(ADVANCE_RUNS, () -> new AdvanceRuns(decider, metrics), OUTCOMES_SOURCE);
    addSource(topology, AutoOffsetReset.earliest(), TICKS_SOURCE, Topics.TICKS);
    topology.addProcessor(
        KEEP_TIME,
        () -> new KeepTime(decider, config.deduplicationWindow(), metrics),
        TICKS_SOURCE);

    addSource(topology, AutoOffsetReset.earliest(), REQUESTS_SOURCE, Topics.REQUESTS);
    topology.addProcessor(
        FOLLOW_REQUESTS, () -> new FollowRequests(decider, metrics), REQUESTS_SOURCE);

    topology.connectProcessorAndStateStores(MATCH_EVENTS, TaskStores.DEFINITIONS);
    topology.connectProcessorAndStateStores(KEEP_TIME, TaskStores.DEFINITIONS);
    topology.addStateStore(
        TaskStores.seenEvents(config.deduplicationWindow()), MATCH_EVENTS, KEEP_TIME);
    for (StoreBuilder<?> store : TaskStores.ofRuns()) {
      topology.addStateStore(store, RUNNERS);
    }
    for (StoreBuilder<?> store : TaskStores.ofRules()) {
      topology.addStateStore(store, APPLY_DEFINITIONS, MATCH_EVENTS, KEEP_TIME);
    }
    topology.addStateStore(
        TaskMemory.builder(),
        APPLY_DEFINITIONS,
        MATCH_EVENTS,
        ADVANCE_RUNS,
        KEEP_TIME,
        FOLLOW_REQUESTS);

    addSink(topology, WRITE_COMMANDS, Topics.COMMANDS, RUNNERS);
    addSink(topology, WRITE_RUNS, Topics.RUNS, RUNNERS);
    addSink(topology, WRITE_STATUS, Topics.STATUS, APPLY_DEFINITIONS);
    topology.addSink(
        WRITE_TICKS,
        Topics.TICKS.name(),
        new StringSerializer(),
        serdes.values(Topics.TICKS).serializer(),
        ownPartition(),
        KEEP_TIME);
    return topology;
  }

  private Consumed<String, AreaRow> definitions() {
    return Consumed.<String, AreaRow>as(DEFINITIONS_SOURCE)
        .withKeySerde(Serdes.String())
        .withValueSerde(serdes.values(Topics.DEFINITIONS))
        .withOffsetResetPolicy(AutoOffsetReset.earliest());
  }

  private Repartitioned<HomeKey, DefinitionChange> byHome() {
    return Repartitioned.<HomeKey, DefinitionChange>as(DEFINITIONS_BY_HOME)
        .withKeySerde(HomeKey.SERDE)
        .withValueSerde(DefinitionChange.SERDE)
        .withStreamPartitioner(homePartition())
        .withNumberOfPartitions(config.topics().partitions());
  }

  private <V> void addSource(
      Topology topology, AutoOffsetReset reset, String name, Topic<V> topic) {
    topology.addSource(
        reset, name, new StringDeserializer(), serdes.values(topic).deserializer(), topic.name());
  }

  private <V> void addSink(Topology topology, String name, Topic<V> topic, String... parents) {
    topology.addSink(
        name, topic.name(), new StringSerializer(), serdes.values(topic).serializer(), parents);
  }

  /** The partition that a record with the home as its key has in every topic. */
  static int partitionOf(String home, int partitions) {
    return Utils.toPositive(Utils.murmur2(home.getBytes(StandardCharsets.UTF_8))) % partitions;
  }

  private static StreamPartitioner<HomeKey, DefinitionChange> homePartition() {
    return (topic, key, change, partitions) ->
        Optional.of(Set.of(partitionOf(key.home(), partitions)));
  }

  /** A tick's key is the partition of the task that wrote it. */
  private static <V> StreamPartitioner<String, V> ownPartition() {
    return (topic, key, tick, partitions) -> Optional.of(Set.of(Integer.parseInt(key)));
  }
}
