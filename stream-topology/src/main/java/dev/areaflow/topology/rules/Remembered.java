package dev.areaflow.topology.rules;

import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * A memory as it is kept.
 *
 * @param fingerprint of the rule that it is of
 * @param label of its key, for people
 * @param memory what is remembered
 */
public record Remembered(String fingerprint, String label, Memory memory) {
  /** Of the values of the memories' store. */
  public static final Serde<Remembered> SERDE =
      Serdes.serdeFrom(
          (topic, remembered) -> remembered == null ? null : remembered.toRow(),
          (topic, bytes) -> bytes == null ? null : parse(bytes));

  private static final int FORMAT = 1;

  private byte[] toRow() {
    RowWriter row = new RowWriter(FORMAT).text(fingerprint).text(label);
    MemoryRow.write(memory, row);
    return row.toBytes();
  }

  private static Remembered parse(byte[] bytes) {
    RowReader row = new RowReader(bytes, FORMAT);
    return new Remembered(row.text(), row.text(), MemoryRow.read(row));
  }
}
