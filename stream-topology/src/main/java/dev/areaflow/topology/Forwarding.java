package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.forwarding.Forwarded;
import dev.areaflow.topology.forwarding.Forwarded.Arrived;
import dev.areaflow.topology.forwarding.Forwarded.Passed;
import dev.areaflow.topology.runs.Cause;
import java.time.Instant;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** The way from the hooks of AREAs with several to their homes. */
final class Forwarding {
  private final ProcessorContext<Object, Object> context;

  @SuppressWarnings("unchecked") // children are found by name, and this one takes these records
  Forwarding(ProcessorContext<?, ?> context) {
    this.context = (ProcessorContext<Object, Object>) context;
  }

  /** Sends an event to the home of an AREA that listens. */
  void send(Definition listener, Event event, Cause cause) {
    String of = listener.of();
    String areaId = listener.subject().areaId();
    send(
        areaId,
        new Arrived(
            areaId,
            of == null ? "" : of,
            cause.recordedAt(),
            cause.partition(),
            cause.offset(),
            event),
        cause.recordedAt());
  }

  /** Tells a partition that all events of this one from before a time were sent. */
  void tell(int to, int from, Instant time) {
    send(Integer.toString(to), new Passed(to, from, time), time);
  }

  private void send(String key, Forwarded forwarded, Instant at) {
    context.forward(new Record<>(key, forwarded, at.toEpochMilli()), AreaflowTopology.FORWARD);
  }
}
