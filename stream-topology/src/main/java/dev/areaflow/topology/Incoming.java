package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.topology.rules.Kept;
import dev.areaflow.topology.rules.KeptPayload;

/**
 * The event in hand, as a rule may keep it.
 *
 * @param event which it is
 * @param payload what is kept beside
 */
record Incoming(Kept event, KeptPayload payload) {
  static Incoming of(Kept kept, Event event, String of) {
    return new Incoming(
        kept, new KeptPayload(event.getService(), event.getAction(), event.getPayload(), of));
  }

  long size() {
    return payload.payload().remaining();
  }
}
