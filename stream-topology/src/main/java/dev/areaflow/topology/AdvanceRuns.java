package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.runs.Run;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Moves runs on: by the outcomes of their commands, and, by the wall clock, where a retry is due or
 * no outcome came. An outcome of a run that is not known is of a finished one, and ignored.
 */
final class AdvanceRuns implements Processor<String, Outcome, String, SpecificRecord> {
  private static final Duration PERIOD = Duration.ofMillis(250);

  private final Decider decider;
  private final TopologyMetrics metrics;
  private ProcessorContext<String, SpecificRecord> context;
  private RunState runs;

  AdvanceRuns(Decider decider, TopologyMetrics metrics) {
    this.decider = decider;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.runs = new RunState(context, decider, metrics);
    TaskMemory memory = context.getStateStore(TaskMemory.NAME);
    memory.forget();
    context.schedule(
        PERIOD,
        PunctuationType.WALL_CLOCK_TIME,
        time -> runs.fireTimers(Instant.ofEpochMilli(time)));
  }

  @Override
  public void process(Record<String, Outcome> record) {
    Outcome outcome = record.value();
    Run before = runs.find(record.key(), outcome.getRunId());
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    metrics.answered(outcome, before != null && runs.on(before, outcome, now));
  }
}
