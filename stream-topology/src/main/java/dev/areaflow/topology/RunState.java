package dev.areaflow.topology;

import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.runs.Change;
import dev.areaflow.topology.runs.Run;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The runs of a task's homes and their timers, and the way that changes of them take. */
final class RunState {
  private final ProcessorContext<String, SpecificRecord> context;
  private final KeyValueStore<HomeKey, Run> runs;
  private final DueTimers timers;

  RunState(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.runs = context.getStateStore(TaskStores.RUNS);
    TaskMemory memory = context.getStateStore(TaskMemory.NAME);
    this.timers = new DueTimers(context.getStateStore(TaskStores.TIMERS), memory.runTimers());
  }

  DueTimers timers() {
    return timers;
  }

  /** A run that is not finished. */
  @Nullable Run find(String home, String runId) {
    return runs.get(new HomeKey(home, runId));
  }

  /** Stores a change and tells of it. */
  void apply(Change change) {
    Run run = change.run();
    HomeKey key = new HomeKey(run.subject().home(), run.id().toString());
    if (!run.finished()) {
      runs.put(key, run);
    } else if (!change.isBeginning()) {
      runs.delete(key);
    }
    change.cleared().forEach(timers::clear);
    change.set().forEach(timers::set);
    long now = context.currentSystemTimeMs();
    change
        .commands()
        .forEach(
            command ->
                context.forward(
                    new Record<>(command.getId(), command, now), AreaflowTopology.WRITE_COMMANDS));
    change
        .log()
        .ifPresent(
            log ->
                context.forward(
                    new Record<>(log.getAreaId(), log, now), AreaflowTopology.WRITE_RUNS));
  }
}
