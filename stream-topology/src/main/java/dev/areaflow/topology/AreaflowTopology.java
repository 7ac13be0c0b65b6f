package dev.areaflow.topology;

import dev.areaflow.expressions.Expressions;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import dev.areaflow.topology.decision.CompiledPlans;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.decision.DefinitionChange;
import dev.areaflow.topology.forwarding.Forwarded;
import dev.areaflow.topology.rows.HomeKey;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
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
 *                              [definitions, rules, hops, task-memory]
 * area.events ──────────────────────────► match-events ───────┬────────────────► area.commands
 *                  │  [definitions, seen-events, rules, runs] ├────────────────► area.runs
 *                  └► events-by-area ► match-forwarded ───────┤
 *                  ▲  [definitions, rules, waiting-events,    │
 *                  │       hops, runs]                        ├────────────────► area.status
 * area.outcomes ────────────────────────► advance-runs ───────┤
 *                                          [runs]             │
 * area.requests ────────────────────────► follow-requests ────┤
 *                                          [runs]             │
 * area.ticks ──────┴────────────────────► keep-time ──────────┴────────────────► area.ticks
 *             [definitions, seen-events, rules, hops, waiting-events, runs]
 * </pre>
 *
 * Rules are memories, kept-events, rule-usages, rule-timers and area-timers; runs are runs,
 * run-materials, timers, area-runs and run-queue; and all of the second have task-memory. Through
 * events-by-area goes what AREAs with several hooks get, and the time at those hooks. Everything
 * below the first line is one sub-topology, partitioned by home: what is known of a home sits in
 * one task.
 */
final class AreaflowTopology {
  static final String APPLICATION = "areaflow-topology";
  static final String DEFINITIONS_BY_HOME = "definitions-by-home";

  /** The topic between the sub-topologies, as Streams names it. */
  static final String REPARTITION_TOPIC = APPLICATION + "-" + DEFINITIONS_BY_HOME + "-repartition";

  private static final String EVENTS_BY_AREA = "events-by-area";

  /** The topic between the hooks and the homes of AREAs with several, as Streams names it. */
  static final String FORWARDED_TOPIC = APPLICATION + "-" + EVENTS_BY_AREA + "-repartition";

  static final String FORWARD = "forward";
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
  private static final String MATCH_FORWARDED = "match-forwarded";
  private static final String ADVANCE_RUNS = "advance-runs";
  private static final String KEEP_TIME = "keep-time";
  private static final String FOLLOW_REQUESTS = "follow-requests";
  private static final String[] RUNNERS = {
    MATCH_EVENTS, MATCH_FORWARDED, ADVANCE_RUNS, KEEP_TIME, FOLLOW_REQUESTS
  };

  private static final AutoOffsetReset EARLIEST = AutoOffsetReset.earliest();
  private static final AutoOffsetReset NONE = AutoOffsetReset.none();

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
    TaskConfig task = config.task();

    StreamsBuilder builder =
        new StreamsBuilder(
            new org.apache.kafka.streams.TopologyConfig(new StreamsConfig(properties)));
    builder.addStateStore(TaskStores.placements());
    builder.addStateStore(TaskStores.definitions());
    builder.stream(
            Topics.DEFINITIONS.name(), consumed(DEFINITIONS_SOURCE, Topics.DEFINITIONS, EARLIEST))
        .process(RekeyDefinitions::new, Named.as("rekey-definitions"), TaskStores.PLACEMENTS)
        .repartition(byHome())
        .process(
            () -> new ApplyDefinitions(decider, task),
            Named.as(APPLY_DEFINITIONS),
            TaskStores.DEFINITIONS);
    KStream<String, ?> matched =
        builder.stream(Topics.EVENTS.name(), consumed(EVENTS_SOURCE, Topics.EVENTS, NONE))
            .process(
                () -> new MatchEvents(decider, task, metrics),
                Named.as(MATCH_EVENTS),
                TaskStores.DEFINITIONS);
    KStream<String, ?> kept =
        builder.stream(Topics.TICKS.name(), consumed(TICKS_SOURCE, Topics.TICKS, EARLIEST))
            .process(
                () -> new KeepTime(decider, task, metrics),
                Named.as(KEEP_TIME),
                TaskStores.DEFINITIONS);
    forwarded(matched)
        .merge(forwarded(kept), Named.as(FORWARD))
        .repartition(byArea())
        .process(
            () -> new MatchForwarded(decider, task, metrics),
            Named.as(MATCH_FORWARDED),
            TaskStores.DEFINITIONS);

    Topology topology = builder.build();
    addSource(topology, NONE, OUTCOMES_SOURCE, Topics.OUTCOMES);
    topology.addProcessor(ADVANCE_RUNS, () -> new AdvanceRuns(decider, metrics), OUTCOMES_SOURCE);
    addSource(topology, EARLIEST, REQUESTS_SOURCE, Topics.REQUESTS);
    topology.addProcessor(
        FOLLOW_REQUESTS, () -> new FollowRequests(decider, metrics), REQUESTS_SOURCE);

    topology.addStateStore(
        TaskStores.seenEvents(config.deduplicationWindow()), MATCH_EVENTS, KEEP_TIME);
    String[] ruling = {APPLY_DEFINITIONS, MATCH_EVENTS, MATCH_FORWARDED, KEEP_TIME};
    topology.addStateStore(TaskStores.waitingEvents(), MATCH_FORWARDED, KEEP_TIME);
    topology.addStateStore(TaskStores.hops(), ruling);
    for (StoreBuilder<?> store : TaskStores.ofRuns()) {
      topology.addStateStore(store, RUNNERS);
    }
    for (StoreBuilder<?> store : TaskStores.ofRules()) {
      topology.addStateStore(store, ruling);
    }
    topology.addStateStore(
        TaskMemory.builder(),
        APPLY_DEFINITIONS,
        MATCH_EVENTS,
        MATCH_FORWARDED,
        ADVANCE_RUNS,
        KEEP_TIME,
        FOLLOW_REQUESTS);

    addSink(topology, WRITE_COMMANDS, Topics.COMMANDS, RUNNERS);
    addSink(topology, WRITE_RUNS, Topics.RUNS, RUNNERS);
    addSink(topology, WRITE_STATUS, Topics.STATUS, ruling);
    topology.addSink(
        WRITE_TICKS,
        Topics.TICKS.name(),
        new StringSerializer(),
        serdes.values(Topics.TICKS).serializer(),
        ownPartition(),
        KEEP_TIME);
    return topology;
  }

  private <V> Consumed<String, V> consumed(String name, Topic<V> topic, AutoOffsetReset reset) {
    return Consumed.<String, V>as(name)
        .withKeySerde(Serdes.String())
        .withValueSerde(serdes.values(topic))
        .withOffsetResetPolicy(reset);
  }

  /** What a processor sends to its child {@link #FORWARD}; the others are sinks, found by name. */
  @SuppressWarnings("unchecked")
  private static KStream<String, Forwarded> forwarded(KStream<String, ?> stream) {
    return (KStream<String, Forwarded>) stream;
  }

  private Repartitioned<String, Forwarded> byArea() {
    return Repartitioned.<String, Forwarded>as(EVENTS_BY_AREA)
        .withKeySerde(Serdes.String())
        .withValueSerde(Forwarded.SERDE)
        .withStreamPartitioner(
            (topic, key, forwarded, partitions) ->
                Optional.of(
                    Set.of(
                        switch (forwarded) {
                          case Forwarded.Arrived arrived ->
                              partitionOf(arrived.areaId(), partitions);
                          case Forwarded.Passed passed -> passed.to();
                        })))
        .withNumberOfPartitions(config.topics().partitions());
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
    return Topic.partitionOf(home, partitions);
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
