package dev.areaflow.topology.rules;

import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * What of an event a rule that fires needs beside {@link Kept}.
 *
 * @param service service id
 * @param action action id
 * @param payload UTF-8 JSON
 * @param of what an AREA of several actions calls this one; empty of an AREA with one
 */
public record KeptPayload(String service, String action, ByteBuffer payload, String of) {
  /** Of the values of the kept events' store. */
  public static final Serde<KeptPayload> SERDE =
      Serdes.serdeFrom(
          (topic, kept) -> kept == null ? null : kept.toRow(),
          (topic, bytes) -> bytes == null ? null : parse(bytes));

  private static final int FORMAT = 1;

  /** The payload's bytes, copied. */
  public byte[] bytes() {
    byte[] copy = new byte[payload.remaining()];
    payload.duplicate().get(copy);
    return copy;
  }

  private byte[] toRow() {
    return new RowWriter(FORMAT).text(service).text(action).bytes(payload).text(of).toBytes();
  }

  private static KeptPayload parse(byte[] bytes) {
    RowReader row = new RowReader(bytes, FORMAT);
    return new KeptPayload(row.text(), row.text(), row.bytes(), row.text());
  }
}
