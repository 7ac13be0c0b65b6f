package dev.areaflow.topology;

import dev.areaflow.schemas.avro.AreaState;
import dev.areaflow.schemas.avro.AreaStatus;
import dev.areaflow.topology.decision.CompiledRule;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.decision.DefinitionChange;
import dev.areaflow.topology.decision.DefinitionChange.Put;
import dev.areaflow.topology.decision.DefinitionChange.Remove;
import dev.areaflow.topology.decision.InvalidPlanException;
import dev.areaflow.topology.rows.HomeKey;
import java.time.Instant;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the definitions of the homes of this task, and reports each change that it served. A
 * disabled AREA is applied and does not decide; one that cannot be executed neither, and is
 * reported with the reason. A rule that is another than before begins anew.
 */
final class ApplyDefinitions
    implements Processor<HomeKey, DefinitionChange, String, SpecificRecord> {
  private final Decider decider;
  private final TaskConfig config;
  private ProcessorContext<String, SpecificRecord> context;
  private KeyValueStore<HomeKey, Definition> definitions;
  private TaskMemory memory;
  private RuleState rules;
  private Hops hops;
  private EarlyCommit commit;

  ApplyDefinitions(Decider decider, TaskConfig config) {
    this.decider = decider;
    this.config = config;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.definitions = context.getStateStore(TaskStores.DEFINITIONS);
    this.commit = new EarlyCommit(context);
    this.memory = context.getStateStore(TaskMemory.NAME);
    this.hops = new Hops(context, config.partitions());
    this.rules = new RuleState(context, hops, config.ruleLimits());
  }

  @Override
  public void process(Record<HomeKey, DefinitionChange> record) {
    HomeKey key = record.key();
    Definition known = definitions.get(key);
    memory.redefine(key.home());
    switch (record.value()) {
      case Put(var definition) -> {
        if (known == null || definition.subject().version() > known.subject().version()) {
          put(key, known, definition);
        }
      }
      case Remove remove -> {
        if (known == null || remove.version() >= known.subject().version()) {
          definitions.delete(key);
          hops.remove(key);
          rules.end(key.home(), key.id());
          rules.settle(key.home(), key.id());
          report(remove, AreaState.REMOVED, null);
        }
      }
    }
  }

  private void put(HomeKey key, @Nullable Definition known, Definition definition) {
    hops.put(key, definition);
    try {
      Optional<CompiledRule> rule = decider.rule(definition);
      definitions.put(key, definition);
      Optional<String> before = known == null ? Optional.empty() : fingerprint(known);
      boolean isOther = !before.equals(rule.map(CompiledRule::fingerprint));
      boolean wasActive = known != null && known.active();
      boolean begins =
          definition.active()
              && (isOther || !wasActive)
              && rule.filter(CompiledRule::beginsAtOnce).isPresent();
      if (isOther) {
        if (rule.isPresent()) {
          rules.start(key.home(), key.id(), Instant.ofEpochMilli(context.currentSystemTimeMs()));
        } else {
          rules.end(key.home(), key.id());
        }
      }
      if ((isOther && known != null) || begins) {
        rules.settle(key.home(), key.id());
      }
      report(new Put(definition), AreaState.APPLIED, null);
    } catch (InvalidPlanException e) {
      definitions.put(key, definition.inactive());
      report(new Put(definition), AreaState.REJECTED, e.getMessage());
    }
  }

  private Optional<String> fingerprint(Definition known) {
    try {
      return decider.rule(known).map(CompiledRule::fingerprint);
    } catch (InvalidPlanException e) {
      return Optional.empty(); // it never remembered anything
    }
  }

  private void report(DefinitionChange change, AreaState state, @Nullable String reason) {
    long now = context.currentSystemTimeMs();
    HomeKey key = change.key();
    context.forward(
        new Record<>(
            key.id(),
            new AreaStatus(
                key.id(),
                change.version(),
                key.home(),
                state,
                reason,
                Instant.ofEpochMilli(now),
                null),
            now),
        AreaflowTopology.WRITE_STATUS);
    commit.request();
  }
}
