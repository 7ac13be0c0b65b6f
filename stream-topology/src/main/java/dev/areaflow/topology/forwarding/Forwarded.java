package dev.areaflow.topology.forwarding;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import java.time.Instant;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** What goes from the hooks of AREAs with several to their homes. */
public sealed interface Forwarded {
  /** Of the values of the topic between them. */
  Serde<Forwarded> SERDE =
      Serdes.serdeFrom(
          (topic, forwarded) -> forwarded == null ? null : write(forwarded),
          (topic, bytes) -> bytes == null ? null : read(bytes));

  /**
   * An event for one AREA.
   *
   * @param areaId the AREA, which is its own home
   * @param of what it calls the event's action
   * @param at when the event arrived at its hook: the time of rules
   * @param partition of the event in {@code area.events}
   * @param offset of the event in {@code area.events}
   * @param event the event
   */
  record Arrived(String areaId, String of, Instant at, int partition, long offset, Event event)
      implements Forwarded {}

  /**
   * All events of one partition from before a time were sent, if there were any.
   *
   * @param to the partition that is told
   * @param from the partition of the hooks
   * @param time that has come there
   */
  record Passed(int to, int from, Instant time) implements Forwarded {}

  private static byte[] write(Forwarded forwarded) {
    return switch (forwarded) {
      case Arrived(var areaId, var of, var at, var partition, var offset, var event) -> {
        RowWriter row =
            new RowWriter(1).text(areaId).text(of).instant(at).number(partition).number(offset);
        write(event, row);
        yield row.toBytes();
      }
      case Passed(var to, var from, var time) ->
          new RowWriter(2).number(to).number(from).instant(time).toBytes();
    };
  }

  private static Forwarded read(byte[] bytes) {
    if (bytes.length > 0 && bytes[0] == 2) {
      RowReader row = new RowReader(bytes, 2);
      return new Passed(row.integer(), row.integer(), row.instant());
    }
    RowReader row = new RowReader(bytes, 1);
    return new Arrived(
        row.text(), row.text(), row.instant(), row.integer(), row.number(), event(row));
  }

  private static void write(Event event, RowWriter row) {
    row.text(event.getId())
        .text(event.getHookId())
        .text(event.getOwnerId())
        .text(event.getService())
        .text(event.getAction())
        .instant(event.getTime())
        .instant(event.getReceivedAt())
        .text(event.getSource().name())
        .bool(event.getCanonical())
        .bytes(event.getPayload())
        .number(event.getGeneration())
        .optionalText(event.getOnlyArea().orElse(null))
        .optionalText(event.getReplayId().orElse(null))
        .bool(event.getForced());
  }

  private static Event event(RowReader row) {
    return Event.newBuilder()
        .setId(row.text())
        .setHookId(row.text())
        .setOwnerId(row.text())
        .setService(row.text())
        .setAction(row.text())
        .setTime(row.instant())
        .setReceivedAt(row.instant())
        .setSource(EventSource.valueOf(row.text()))
        .setCanonical(row.bool())
        .setPayload(row.bytes())
        .setGeneration(row.integer())
        .setOnlyArea(row.optionalText())
        .setReplayId(row.optionalText())
        .setForced(row.bool())
        .build();
  }
}
