package dev.areaflow.topology;

import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.forwarding.Forwarded;
import dev.areaflow.topology.forwarding.Forwarded.Arrived;
import dev.areaflow.topology.forwarding.Forwarded.Passed;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Takes what comes from the hooks of AREAs with several, and decides it once the time at all of
 * those hooks is known to have passed it.
 */
final class MatchForwarded implements Processor<String, Forwarded, String, SpecificRecord> {
  private final Decider decider;
  private final TaskConfig config;
  private final TopologyMetrics metrics;
  private AreaHomes homes;

  MatchForwarded(Decider decider, TaskConfig config, TopologyMetrics metrics) {
    this.decider = decider;
    this.config = config;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    Hops hops = new Hops(context, config.partitions());
    RunState runs = new RunState(context, decider, metrics);
    RunRules rules = new RunRules(context, decider, runs, hops, config.ruleLimits());
    this.homes = new AreaHomes(context, decider, metrics, hops, runs, rules);
  }

  @Override
  public void process(Record<String, Forwarded> record) {
    switch (record.value()) {
      case Arrived arrived -> homes.arrive(arrived);
      case Passed passed -> homes.pass(passed);
    }
    homes.advance();
  }
}
