package dev.areaflow.topology.decision;

import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.Meta;
import dev.areaflow.schemas.avro.FiredEvent;
import dev.areaflow.schemas.avro.RuleFiring;
import dev.areaflow.topology.rules.Firing;
import dev.areaflow.topology.rules.Kept;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * That a rule fired on past events, as an event of a replay carries it.
 *
 * @param rule the rule's fingerprint
 * @param events those of the firing, with their payloads
 */
public record CarriedFiring(String rule, Firing firing, List<Bindings.Collected> events) {
  public CarriedFiring {
    events = List.copyOf(events);
    if (events.size() != firing.events().size()) {
      throw new IllegalArgumentException(
          "expected the payloads of %d events, found %d"
              .formatted(firing.events().size(), events.size()));
    }
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if a value is no JSON
   */
  static CarriedFiring of(RuleFiring carried) {
    List<Bindings.Collected> events = new ArrayList<>();
    for (FiredEvent event : carried.getEvents()) {
      events.add(
          new Bindings.Collected(
              new Meta(
                  event.getId(),
                  event.getTime(),
                  event.getService(),
                  event.getAction(),
                  event.getOf()),
              bytes(event.getPayload())));
    }
    return new CarriedFiring(carried.getRule(), Firing.of(carried), events);
  }

  /** As {@link #of} reads it. */
  public RuleFiring toAvro() {
    List<FiredEvent> fired = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      Kept kept = firing.events().get(i);
      Meta meta = events.get(i).meta();
      fired.add(
          FiredEvent.newBuilder()
              .setId(kept.id())
              .setHookId(kept.hookId())
              .setPartition(kept.partition())
              .setOffset(kept.offset())
              .setAt(kept.at())
              .setTime(kept.time())
              .setService(meta.service())
              .setAction(meta.action())
              .setOf(meta.of())
              .setPayload(ByteBuffer.wrap(events.get(i).payload()))
              .build());
    }
    return RuleFiring.newBuilder()
        .setRule(rule)
        .setAt(firing.at())
        .setEvents(fired)
        .setBefore(firing.change().map(change -> change.old().toString()).orElse(null))
        .setAfter(firing.change().map(change -> change.now().toString()).orElse(null))
        .build();
  }

  private static byte[] bytes(ByteBuffer payload) {
    byte[] copy = new byte[payload.remaining()];
    payload.duplicate().get(copy);
    return copy;
  }
}
