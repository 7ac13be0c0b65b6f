package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.rows.Timer;
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
 *
 * <p>After downtime no timer fires before the task has caught up: the outcomes that its deadlines
 * are about may be waiting, and what was done already would be asked for again.
 */
final class AdvanceRuns implements Processor<String, Outcome, String, SpecificRecord> {
  private static final Duration PERIOD = Duration.ofMillis(250);

  /** What one look fires at most, so that a flood of due timers does not hold up the task. */
  private static final int BATCH = 1_000;

  private final Decider decider;
  private final TopologyMetrics metrics;
  private ProcessorContext<String, SpecificRecord> context;
  private RunState runs;
  private TaskMemory memory;

  AdvanceRuns(Decider decider, TopologyMetrics metrics) {
    this.decider = decider;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.runs = new RunState(context, decider, metrics);
    this.memory = context.getStateStore(TaskMemory.NAME);
    memory.forget();
    context.schedule(
        PERIOD, PunctuationType.WALL_CLOCK_TIME, time -> fireTimers(Instant.ofEpochMilli(time)));
  }

  @Override
  public void process(Record<String, Outcome> record) {
    Outcome outcome = record.value();
    Run before = runs.find(record.key(), outcome.getRunId());
    Instant now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    metrics.answered(outcome, before != null && runs.on(before, outcome, now));
  }

  private void fireTimers(Instant now) {
    if (memory.isCaughtUp()) {
      runs.timers().take(now, BATCH).forEach(timer -> fire(timer, now));
    }
  }

  private void fire(Timer timer, Instant now) {
    Run before = runs.find(timer.home(), timer.id());
    if (before != null) {
      runs.due(before, timer, now);
      metrics.fired();
    }
  }
}
