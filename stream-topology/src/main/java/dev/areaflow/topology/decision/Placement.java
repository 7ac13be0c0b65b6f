package dev.areaflow.topology.decision;

import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.topology.decision.DefinitionChange.Put;
import dev.areaflow.topology.decision.DefinitionChange.Remove;
import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import dev.areaflow.topology.runs.Subject;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/**
 * Where an AREA is, by its newest row: what makes a moved AREA leave its old home, and what a
 * replayed older row is held against.
 *
 * @param home where the AREA is, or was when it was deleted
 * @param version of the row
 */
public record Placement(String home, long version) {
  /** Of the values of the placements' store. */
  public static final Serde<Placement> SERDE =
      Serdes.serdeFrom(
          (topic, placement) -> placement == null ? null : placement.toRow(),
          (topic, bytes) -> bytes == null ? null : parse(bytes));

  private static final int FORMAT = 1;

  /** Whether a row is news to whoever knows {@code known}, null where nothing is known. */
  public static boolean isNews(AreaRow row, @Nullable Placement known) {
    return known == null || row.version() > known.version();
  }

  public static Placement of(AreaRow row) {
    return new Placement(row.hookId(), row.version());
  }

  /** What the homes have to learn from a row that is news, old home first. */
  public static List<DefinitionChange> changes(AreaRow row, @Nullable Placement known) {
    List<DefinitionChange> changes = new ArrayList<>();
    if (known != null && !known.home().equals(row.hookId())) {
      changes.add(new Remove(known.home(), row.id(), row.version()));
    }
    changes.add(
        row.deletedAt() == null
            ? new Put(
                new Definition(
                    new Subject(row.hookId(), row.id(), row.version(), row.ownerId()),
                    row.enabled(),
                    row.plan()))
            : new Remove(row.hookId(), row.id(), row.version()));
    return changes;
  }

  private byte[] toRow() {
    return new RowWriter(FORMAT).text(home).number(version).toBytes();
  }

  private static Placement parse(byte[] bytes) {
    RowReader row = new RowReader(bytes, FORMAT);
    return new Placement(row.text(), row.number());
  }
}
