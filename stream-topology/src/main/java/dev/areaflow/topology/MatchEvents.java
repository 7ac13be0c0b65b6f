package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.decision.Verdict;
import dev.areaflow.topology.decision.Verdict.Admitted;
import dev.areaflow.topology.decision.Verdict.Erred;
import dev.areaflow.topology.decision.Verdict.Filtered;
import dev.areaflow.topology.decision.Verdict.Matched;
import dev.areaflow.topology.decision.Verdict.Repeated;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.runs.Cause;
import dev.areaflow.topology.runs.RunLog;
import dev.areaflow.topology.runs.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
 * <p>A replay is an event of its own: one that is written twice is decided once, and it is not
 * mistaken for what came in.
 */
final class MatchEvents implements Processor<String, Event, String, SpecificRecord> {
  private final Decider decider;
  private final Duration window;
  private final TopologyMetrics metrics;
  private ProcessorContext<String, SpecificRecord> context;
  private KeyValueStore<HomeKey, Definition> definitions;
  private SeenEvents seen;
  private TaskMemory memory;
  private RunState runs;
  private RunRules rules;

  /**
   * @param window how long the id of a delivery that matched is remembered
   */
  MatchEvents(Decider decider, Duration window, TopologyMetrics metrics) {
    this.decider = decider;
    this.window = window;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.definitions = context.getStateStore(TaskStores.DEFINITIONS);
    this.seen = new SeenEvents(context.getStateStore(TaskStores.SEEN_EVENTS), window);
    this.runs = new RunState(context, decider, metrics);
    this.rules = new RunRules(context, decider, runs);
    this.memory = context.getStateStore(TaskMemory.NAME);
  }

  @Override
  public void process(Record<String, Event> record) {
    Instant at = memory.ruleTime(Instant.ofEpochMilli(record.timestamp()));
    rules.advance(at);
    Event event = record.value();
    List<Definition> active = addressed(event, memory.activeAt(record.key(), this::activeAt));
    String id = SeenEvents.id(event);
    if (active.isEmpty()) {
      metrics.unmatched();
      if (event.getCanonical()) {
        seen.add(record.key(), id, at);
      }
      return;
    }
    boolean mayRepeat = event.getCanonical() || isReplay(event) || mayRepeat(event.getSource());
    Cause cause = cause(event, at);
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    List<Verdict> verdicts =
        decider.decide(
            event, cause, active, () -> mayRepeat && seen.contains(record.key(), id, at), now);
    boolean matched = verdicts.stream().anyMatch(Verdict::isMatch);
    if (event.getCanonical() || (mayRepeat && matched)) {
      seen.add(record.key(), id, at);
    }
    verdicts.forEach(verdict -> follow(verdict, event, cause));
  }

  private static List<Definition> addressed(Event event, List<Definition> active) {
    return event
        .getOnlyArea()
        .map(only -> active.stream().filter(d -> d.subject().areaId().equals(only)).toList())
        .orElse(active);
  }

  private static boolean isReplay(Event event) {
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
    return new Cause(
        event.getId(),
        event.getHookId(),
        place.partition(),
        place.offset(),
        event.getReceivedAt(),
        at,
        event.getGeneration());
  }

  private void follow(Verdict verdict, Event event, Cause cause) {
    metrics.decided(verdict);
    switch (verdict) {
      case Matched matched ->
          runs.begin(matched, Instant.ofEpochMilli(context.currentSystemTimeMs()));
      case Admitted admitted -> follow(admitted, event, cause);
      case Filtered(var subject) -> log(RunLog.verdict(subject, cause, RunStatus.FILTERED, null));
      case Erred(var subject, var detail) ->
          log(RunLog.verdict(subject, cause, RunStatus.ERROR, detail));
      case Repeated(var subject) -> log(RunLog.verdict(subject, cause, RunStatus.DUPLICATE, null));
    }
  }

  private void follow(Admitted admitted, Event event, Cause cause) {
    Subject subject = admitted.definition().subject();
    if (isReplay(event)) {
      log(RunLog.verdict(subject, cause, RunStatus.DROPPED, "A rule counts no event twice."));
      return;
    }
    switch (rules.on(admitted, event)) {
      case RunRules.Result.Taken(var fate) -> {
        switch (fate) {
          case FIRES -> {} // the run tells of it
          case KEPT -> log(RunLog.verdict(subject, cause, RunStatus.KEPT, null));
          case DROPPED -> log(RunLog.verdict(subject, cause, RunStatus.DROPPED, null));
        }
      }
      case RunRules.Result.Full(var detail) ->
          log(RunLog.verdict(subject, cause, RunStatus.ERROR, detail));
    }
  }

  private void log(RunRecord verdict) {
    context.forward(
        new Record<>(verdict.getAreaId(), verdict, context.currentSystemTimeMs()),
        AreaflowTopology.WRITE_RUNS);
  }
}
