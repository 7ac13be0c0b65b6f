package dev.areaflow.topology;

import dev.areaflow.schemas.avro.AreaState;
import dev.areaflow.schemas.avro.AreaStatus;
import dev.areaflow.topology.decision.CompiledPlans;
import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.decision.DefinitionChange;
import dev.areaflow.topology.decision.DefinitionChange.Put;
import dev.areaflow.topology.decision.DefinitionChange.Remove;
import dev.areaflow.topology.decision.InvalidPlanException;
import dev.areaflow.topology.rows.HomeKey;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the definitions of the homes of this task, and reports each change that it served. A
 * disabled AREA is applied and does not decide; one that cannot be executed neither, and is
 * reported with the reason.
 */
final class ApplyDefinitions
    implements Processor<HomeKey, DefinitionChange, String, SpecificRecord> {
  private final CompiledPlans plans;
  private ProcessorContext<String, SpecificRecord> context;
  private KeyValueStore<HomeKey, Definition> definitions;
  private TaskMemory memory;
  private EarlyCommit commit;

  ApplyDefinitions(CompiledPlans plans) {
    this.plans = plans;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.definitions = context.getStateStore(TaskStores.DEFINITIONS);
    this.commit = new EarlyCommit(context);
    this.memory = context.getStateStore(TaskMemory.NAME);
  }

  @Override
  public void process(Record<HomeKey, DefinitionChange> record) {
    HomeKey key = record.key();
    Definition known = definitions.get(key);
    memory.redefine(key.home());
    switch (record.value()) {
      case Put(var definition) -> {
        if (known == null || definition.subject().version() > known.subject().version()) {
          put(key, definition);
        }
      }
      case Remove remove -> {
        if (known == null || remove.version() >= known.subject().version()) {
          definitions.delete(key);
          report(remove, AreaState.REMOVED, null);
        }
      }
    }
  }

  private void put(HomeKey key, Definition definition) {
    try {
      plans.prepare(definition);
      definitions.put(key, definition);
      report(new Put(definition), AreaState.APPLIED, null);
    } catch (InvalidPlanException e) {
      definitions.put(key, definition.inactive());
      report(new Put(definition), AreaState.REJECTED, e.getMessage());
    }
  }

  private void report(DefinitionChange change, AreaState state, @Nullable String reason) {
    long now = context.currentSystemTimeMs();
    HomeKey key = change.key();
    context.forward(
        new Record<>(
            key.id(),
            new AreaStatus(
                key.id(), change.version(), key.home(), state, reason, Instant.ofEpochMilli(now)),
            now),
        AreaflowTopology.WRITE_STATUS);
    commit.request();
  }
}
