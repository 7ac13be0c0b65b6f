package dev.areaflow.topology.decision;

import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import dev.areaflow.topology.runs.Subject;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * One AREA at its home, in one version.
 *
 * @param subject the AREA
 * @param active whether it decides: enabled by its owner, and executable
 * @param plan what it executes, a {@code Plan} in JSON
 */
public record Definition(Subject subject, boolean active, String plan) {
  /** Of the values of the definitions' store. */
  public static final Serde<Definition> SERDE =
      Serdes.serdeFrom(
          (topic, definition) -> definition == null ? null : definition.toRow(),
          (topic, bytes) -> bytes == null ? null : parse(bytes));

  private static final int FORMAT = 1;

  /** The same definition, not deciding. */
  public Definition inactive() {
    return new Definition(subject, false, plan);
  }

  private byte[] toRow() {
    return new RowWriter(FORMAT)
        .text(subject.home())
        .text(subject.areaId())
        .number(subject.version())
        .text(subject.ownerId())
        .bool(active)
        .text(plan)
        .toBytes();
  }

  private static Definition parse(byte[] bytes) {
    RowReader row = new RowReader(bytes, FORMAT);
    return new Definition(
        new Subject(row.text(), row.text(), row.number(), row.text()), row.bool(), row.text());
  }
}
