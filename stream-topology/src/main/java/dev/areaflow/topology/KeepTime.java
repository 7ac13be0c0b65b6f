package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Tick;
import dev.areaflow.topology.decision.Decider;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Writes the time into the task's own partition of the ticks once a second, and lets what comes
 * back age the remembered ids, and asks rules and runs whose time has come. A tick comes back
 * behind all events and outcomes that the broker took before it ({@link HeldTicks}), so after
 * downtime, or with much to do, no time passes before what is waiting.
 *
 * <p>Where hooks of AREAs with several are, it tells the time to the partitions of their homes.
 */
final class KeepTime implements Processor<String, Tick, String, SpecificRecord> {
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final Decider decider;
  private final TaskConfig config;
  private final TopologyMetrics metrics;
  private ProcessorContext<String, SpecificRecord> context;
  private SeenEvents seen;
  private TaskMemory memory;
  private RunRules rules;
  private RunState runs;
  private Hops hops;
  private AreaHomes homes;
  private Forwarding forwarding;

  KeepTime(Decider decider, TaskConfig config, TopologyMetrics metrics) {
    this.decider = decider;
    this.config = config;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    this.context = context;
    this.seen =
        new SeenEvents(context.getStateStore(TaskStores.SEEN_EVENTS), config.deduplicationWindow());
    this.memory = context.getStateStore(TaskMemory.NAME);
    this.runs = new RunState(context, decider, metrics);
    this.hops = new Hops(context, config.partitions());
    this.rules = new RunRules(context, decider, runs, hops, config.ruleLimits());
    this.homes = new AreaHomes(context, decider, metrics, hops, runs, rules);
    this.forwarding = new Forwarding(context);
    context.schedule(PERIOD, PunctuationType.WALL_CLOCK_TIME, this::writeTick);
  }

  @Override
  public void process(Record<String, Tick> record) {
    Instant now = Instant.ofEpochMilli(record.timestamp());
    seen.advance(now);
    Instant time = memory.ruleTime(now);
    rules.advance(time);
    homes.advanceAlone(time);
    int here = context.taskId().partition();
    hops.progress().listening().forEach(to -> forwarding.tell(to, here, time));
    memory.readUntil(record.value().getTime());
    runs.fireTimers(Instant.ofEpochMilli(context.currentSystemTimeMs()));
  }

  private void writeTick(long time) {
    String partition = Integer.toString(context.taskId().partition());
    context.forward(
        new Record<>(partition, new Tick(Instant.ofEpochMilli(time)), time),
        AreaflowTopology.WRITE_TICKS);
  }
}
