package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.topology.rows.Timer;
import dev.areaflow.topology.runs.Change;
import dev.areaflow.topology.runs.RetryPolicy;
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

  private final RetryPolicy policy;
  private final TopologyMetrics metrics;
  private ProcessorContext<String, SpecificRecord> context;
  private RunState runs;
  private TaskMemory memory;

  AdvanceRuns(RetryPolicy policy, TopologyMetrics metrics) {
    this.policy = policy;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.runs = new RunState(context);
    this.memory = context.getStateStore(TaskMemory.NAME);
    memory.forget();
    context.schedule(
        PERIOD, PunctuationType.WALL_CLOCK_TIME, time -> fireTimers(Instant.ofEpochMilli(time)));
  }

  @Override
  public void process(Record<String, Outcome> record) {
    Outcome outcome = record.value();
    Run before = runs.find(record.key(), outcome.getRunId());
    Run after = before;
    if (before != null) {
      after = before.on(outcome, Instant.ofEpochMilli(context.currentSystemTimeMs()), policy);
      advance(before, after);
    }
    metrics.answered(outcome, after != null && !after.equals(before));
  }

  private void fireTimers(Instant now) {
    if (memory.isCaughtUp()) {
      runs.timers().take(now, BATCH).forEach(timer -> fire(timer, now));
    }
  }

  private void fire(Timer timer, Instant now) {
    Run before = runs.find(timer.home(), timer.id());
    if (before != null) {
      Run after = before.due(timer.part(), timer.dueAt(), now, policy);
      advance(before, after);
      metrics.fired();
    }
  }

  private void advance(Run before, Run after) {
    if (!after.equals(before)) {
      runs.apply(Change.between(before, after));
      metrics.advanced(after);
    }
  }
}
