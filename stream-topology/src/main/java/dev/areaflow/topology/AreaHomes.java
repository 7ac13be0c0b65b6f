package dev.areaflow.topology;

import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.decision.Verdict;
import dev.areaflow.topology.forwarding.Forwarded.Arrived;
import dev.areaflow.topology.forwarding.Forwarded.Passed;
import dev.areaflow.topology.forwarding.Progress;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.runs.Cause;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Decides events for AREAs with several hooks, at their homes: in the order in which they arrived
 * at their hooks, whichever way they took, and after whatever was due by then. So what such an AREA
 * does depends on nothing but what is in the topics of events and ticks.
 */
final class AreaHomes {
  private final ProcessorContext<String, SpecificRecord> context;
  private final Decider decider;
  private final TopologyMetrics metrics;
  private final KeyValueStore<HomeKey, Definition> definitions;
  private final WaitingEvents waiting;
  private final Hops hops;
  private final RunRules rules;
  private final Verdicts verdicts;

  AreaHomes(
      ProcessorContext<String, SpecificRecord> context,
      Decider decider,
      TopologyMetrics metrics,
      Hops hops,
      RunState runs,
      RunRules rules) {
    TaskMemory memory = context.getStateStore(TaskMemory.NAME);
    this.context = context;
    this.decider = decider;
    this.metrics = metrics;
    this.definitions = context.getStateStore(TaskStores.DEFINITIONS);
    this.waiting =
        new WaitingEvents(context.getStateStore(TaskStores.WAITING_EVENTS), memory.waitingEvents());
    this.hops = hops;
    this.rules = rules;
    this.verdicts = new Verdicts(context, runs, rules, metrics);
  }

  /** An event comes; it is decided when its time has come. */
  void arrive(Arrived arrived) {
    waiting.add(arrived);
    hops.progress().tell(arrived.partition(), arrived.at());
  }

  /** All events of a partition from before a time have come. */
  void pass(Passed passed) {
    hops.progress().tell(passed.from(), passed.time());
  }

  /** Does what is due by now, as far as the time has been told. */
  void advance() {
    hops.progress().advance().ifPresent(this::advance);
  }

  /** Lets the task's own time be that of its homes, where no other is awaited. */
  void advanceAlone(Instant time) {
    Progress progress = hops.progress();
    if (progress.isAlone()) {
      advance(progress.advance(time));
    }
  }

  private void advance(Instant time) {
    Optional<Arrived> arrived = waiting.take(time);
    while (arrived.isPresent()) {
      decide(arrived.get());
      arrived = waiting.take(time);
    }
    rules.advanceAreas(time);
  }

  private void decide(Arrived arrived) {
    rules.advanceAreas(arrived.at());
    @Nullable Definition definition =
        definitions.get(new HomeKey(arrived.areaId(), arrived.areaId()));
    if (definition == null || !definition.active()) {
      metrics.unmatched();
      return;
    }
    Cause cause = Cause.of(arrived.event(), arrived.partition(), arrived.offset(), arrived.at());
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    for (Verdict verdict :
        decider.decide(
            arrived.event(), arrived.of(), cause, List.of(definition), () -> false, now)) {
      verdicts.follow(verdict, arrived.event(), arrived.of(), cause);
    }
  }
}
