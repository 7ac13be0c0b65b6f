package dev.areaflow.topology.forwarding;

import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * With which partitions a task has to do because of one AREA with several hooks.
 *
 * @param isHome whether the AREA is at home here, and awaits the time of these partitions; else one
 *     of its hooks is here, and they are to be told
 * @param partitions those; one may stand there twice
 */
public record Hop(boolean isHome, List<Integer> partitions) {
  /** Of the values of the hops' store. */
  public static final Serde<Hop> SERDE =
      Serdes.serdeFrom(
          (topic, hop) -> hop == null ? null : hop.toRow(),
          (topic, bytes) -> bytes == null ? null : parse(bytes));

  private static final int FORMAT = 1;

  public Hop {
    partitions = List.copyOf(partitions);
  }

  private byte[] toRow() {
    return new RowWriter(FORMAT)
        .bool(isHome)
        .rows(partitions, (partition, each) -> each.number(partition))
        .toBytes();
  }

  private static Hop parse(byte[] bytes) {
    RowReader row = new RowReader(bytes, FORMAT);
    return new Hop(row.bool(), row.rows(RowReader::integer));
  }
}
