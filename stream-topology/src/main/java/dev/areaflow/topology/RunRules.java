package dev.areaflow.topology;

import static java.util.Objects.requireNonNull;

import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.Meta;
import dev.areaflow.schemas.avro.AreaStatus;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.topology.decision.CompiledRule;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.decision.Verdict.Admitted;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.rows.Timer;
import dev.areaflow.topology.rules.Firing;
import dev.areaflow.topology.rules.KeptPayload;
import dev.areaflow.topology.rules.Memory;
import dev.areaflow.topology.rules.RuleKey;
import dev.areaflow.topology.rules.Turn;
import dev.areaflow.topology.rules.Usage;
import dev.areaflow.topology.runs.Subject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Asks the rules at a task's homes, of events and when their time has come, and begins the runs of
 * those that fire.
 */
final class RunRules {
  private final ProcessorContext<String, SpecificRecord> context;
  private final Decider decider;
  private final KeyValueStore<HomeKey, Definition> definitions;
  private final RuleState state;
  private final RunState runs;

  RunRules(
      ProcessorContext<String, SpecificRecord> context,
      Decider decider,
      RunState runs,
      Hops hops,
      Usage.Limits limits) {
    this.context = context;
    this.decider = decider;
    this.definitions = context.getStateStore(TaskStores.DEFINITIONS);
    this.state = new RuleState(context, hops, limits);
    this.runs = runs;
  }

  /** What became of an event. */
  sealed interface Result {
    /** The rule took it. */
    record Taken(Turn.Fate fate) implements Result {}

    /** The rule can take no more. */
    record Full(String detail) implements Result {}
  }

  /**
   * An event comes to the rule of an AREA, after {@link #advance} to its time.
   *
   * @param of what the AREA calls the event's action, where it has several, else empty
   */
  Result on(Admitted admitted, Event event, String of) {
    Definition definition = admitted.definition();
    CompiledRule rule = decider.rule(definition).orElseThrow();
    RuleState.Found before =
        state.find(
            definition.subject().home(), definition.subject().areaId(), admitted.key().id(), rule);
    Incoming arrived = Incoming.of(admitted.arrival().event(), event, of);
    Optional<String> objection = state.objection(definition.subject(), before, arrived);
    if (objection.isPresent()) {
      return new Result.Full(objection.get());
    }
    Turn turn = rule.rule().on(before.memory(), admitted.arrival());
    follow(definition, admitted.key(), rule, before, turn, arrived);
    return new Result.Taken(turn.fate().orElseThrow());
  }

  /** Asks all rules at hooks whose time has come by then, in the order of their times. */
  void advance(Instant time) {
    advance(time, false);
  }

  /** The same for AREAs that are their own homes. */
  void advanceAreas(Instant time) {
    advance(time, true);
  }

  private void advance(Instant time, boolean areas) {
    List<Timer> due;
    do {
      due = state.due(time, areas);
      due.forEach(timer -> fire(timer, time));
    } while (!due.isEmpty());
  }

  private void fire(Timer timer, Instant now) {
    @Nullable Definition definition = definitions.get(new HomeKey(timer.home(), timer.id()));
    Optional<CompiledRule> rule =
        Optional.ofNullable(definition).filter(Definition::active).flatMap(decider::rule);
    if (RuleState.isSettling(timer)) {
      state.sweep(timer, rule.orElse(null));
      if (definition != null) {
        rule.ifPresent(begun -> state.begin(definition.subject(), begun, now));
      }
      return;
    }
    if (RuleState.isReport(timer)) {
      if (definition != null) {
        state.report(timer).ifPresent(usage -> tell(definition.subject(), usage, now));
      }
      return;
    }
    if (definition == null || rule.isEmpty()) {
      state.remove(timer);
      return;
    }
    RuleState.Found found = state.find(timer.home(), timer.id(), timer.part(), rule.get());
    @Nullable Memory memory = found.memory();
    if (memory == null) {
      state.remove(timer);
    } else if (memory.dueAt().equals(Optional.of(timer.dueAt()))) {
      Turn turn = rule.get().rule().due(memory, timer.dueAt());
      RuleKey key = new RuleKey(timer.part(), requireNonNull(found.row()).label());
      follow(definition, key, rule.get(), found, turn, null);
    }
  }

  private void follow(
      Definition definition,
      RuleKey key,
      CompiledRule rule,
      RuleState.Found found,
      Turn turn,
      @Nullable Incoming arrived) {
    turn.firing().ifPresent(firing -> fire(definition, firing, arrived));
    state.store(definition.subject(), key, rule, found, turn, arrived);
  }

  private void fire(Definition definition, Firing firing, @Nullable Incoming arrived) {
    List<KeptPayload> payloads = state.payloads(definition.subject(), firing, arrived);
    List<Bindings.Collected> events = new ArrayList<>();
    for (int i = 0; i < payloads.size(); i++) {
      KeptPayload payload = payloads.get(i);
      events.add(
          new Bindings.Collected(
              new Meta(
                  firing.events().get(i).id(),
                  firing.events().get(i).time(),
                  payload.service(),
                  payload.action(),
                  payload.of()),
              payload.bytes()));
    }
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    runs.begin(decider.fire(definition, firing, events, now), now);
  }

  /** Tells of what a rule remembers. Its key keeps it apart from what is told of definitions. */
  private void tell(Subject subject, Usage usage, Instant now) {
    AreaStatus status =
        AreaStatus.newBuilder()
            .setAreaId(subject.areaId())
            .setVersion(subject.version())
            .setHome(subject.home())
            .setAt(now)
            .setRule(state.told(usage))
            .build();
    context.forward(
        new Record<>(subject.areaId() + "/rule", status, context.currentSystemTimeMs()),
        AreaflowTopology.WRITE_STATUS);
  }
}
