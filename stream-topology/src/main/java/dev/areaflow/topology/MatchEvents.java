package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.decision.Verdict;
import dev.areaflow.topology.decision.Verdict.Repeated;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.runs.Cause;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Decides each event for the AREAs at its hook and begins their runs. An event where no AREA is
 * costs one look into the definitions, if that; its payload is not parsed.
 *
 * <p>Of what may repeat, that which matched is remembered. What may come by a delivery and by a
 * poll is remembered whatever became of it: the second may be long after the first, and an AREA
 * that was switched on or changed meanwhile must not fire for what it did not fire for before.
 *
 * <p>An AREA that listens to several hooks is not at home here: the event is sent to where it is,
 * once, whatever will become of it there.
 *
 * <p>A replay is an event of its own: one that is written twice is decided once, and it is not
 * mistaken for what came in. One for an AREA with several hooks comes to the AREA's home, and one
 * of an AREA with a rule carries what the rule collected.
 */
final class MatchEvents implements Processor<String, Event, String, SpecificRecord> {
  private final Decider decider;
  private final TaskConfig config;
  private final TopologyMetrics metrics;
  private ProcessorContext<String, SpecificRecord> context;
  private KeyValueStore<HomeKey, Definition> definitions;
  private SeenEvents seen;
  private TaskMemory memory;
  private RunRules rules;
  private Verdicts verdicts;
  private Forwarding forwarding;

  MatchEvents(Decider decider, TaskConfig config, TopologyMetrics metrics) {
    this.decider = decider;
    this.config = config;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.definitions = context.getStateStore(TaskStores.DEFINITIONS);
    this.seen =
        new SeenEvents(context.getStateStore(TaskStores.SEEN_EVENTS), config.deduplicationWindow());
    RunState runs = new RunState(context, decider, metrics);
    Hops hops = new Hops(context, config.partitions());
    this.rules = new RunRules(context, decider, runs, hops, config.ruleLimits());
    this.verdicts = new Verdicts(context, runs, rules, metrics);
    this.forwarding = new Forwarding(context);
    this.memory = context.getStateStore(TaskMemory.NAME);
  }

  @Override
  public void process(Record<String, Event> record) {
    Instant at = memory.ruleTime(Instant.ofEpochMilli(record.timestamp()));
    rules.advance(at);
    Event event = record.value();
    TaskMemory.AtHome active = memory.activeAt(record.key(), this::activeAt).addressed(event);
    String id = SeenEvents.id(event);
    Cause cause = cause(event, at);
    if (active.isEmpty()) {
      metrics.unmatched();
      event.getReplayId().ifPresent(_ -> verdicts.ofNobody(record.key(), event, cause));
      if (event.getCanonical()) {
        seen.add(record.key(), id, at);
      }
      return;
    }
    boolean mayRepeat = event.getCanonical() || isReplay(event) || mayRepeat(event.getSource());
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    BooleanSupplier repeated = () -> mayRepeat && seen.contains(record.key(), id, at);
    List<Verdict> decided =
        new ArrayList<>(
            decider.decide(event, event.getOf(), cause, active.deciding(), repeated, now));
    boolean matched = decided.stream().anyMatch(Verdict::isMatch);
    if (!active.listening().isEmpty()) {
      if (repeated.getAsBoolean()) {
        active.listening().forEach(d -> decided.add(new Repeated(d.subject().atItsOwn())));
      } else {
        active.listening().forEach(definition -> forwarding.send(definition, event, cause));
        matched = true;
      }
    }
    if (event.getCanonical() || (mayRepeat && matched)) {
      seen.add(record.key(), id, at);
    }
    decided.forEach(verdict -> verdicts.follow(verdict, event, event.getOf(), cause));
  }

  /** Whether it was decided before, and is written again for one AREA. */
  static boolean isReplay(Event event) {
    return event.getGeneration() > 0;
  }

  /** By themselves clocks and polls write each event exactly once already. */
  private static boolean mayRepeat(EventSource source) {
    return switch (source) {
      case CLOCK, POLL -> false;
      case WEBHOOK, UNKNOWN -> true;
    };
  }

  private List<Definition> activeAt(String home) {
    List<Definition> active = new ArrayList<>();
    try (var all = definitions.prefixScan(home, HomeKey.HOME_PREFIX)) {
      while (all.hasNext()) {
        Definition definition = all.next().value;
        if (definition.active()) {
          active.add(definition);
        }
      }
    }
    return active;
  }

  private Cause cause(Event event, Instant at) {
    RecordMetadata place = context.recordMetadata().orElseThrow();
    return Cause.of(event, place.partition(), place.offset(), at);
  }
}
