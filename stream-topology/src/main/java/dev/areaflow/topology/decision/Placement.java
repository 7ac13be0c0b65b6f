package dev.areaflow.topology.decision;

import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.AreaRow.Listening;
import dev.areaflow.topology.decision.DefinitionChange.Put;
import dev.areaflow.topology.decision.DefinitionChange.Remove;
import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import dev.areaflow.topology.runs.Subject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/**
 * Where an AREA is, by its newest row: what makes a moved AREA leave its old home, and what a
 * replayed older row is held against.
 *
 * @param home where the AREA is, or was when it was deleted
 * @param version of the row
 * @param hooks what it listens to, where its home is its own id; else empty
 */
public record Placement(String home, long version, List<String> hooks) {
  /** Of the values of the placements' store. */
  public static final Serde<Placement> SERDE =
      Serdes.serdeFrom(
          (topic, placement) -> placement == null ? null : placement.toRow(),
          (topic, bytes) -> bytes == null ? null : parse(bytes));

  private static final int FORMAT = 1;

  public Placement {
    hooks = List.copyOf(hooks);
  }

  /** Whether a row is news to whoever knows {@code known}, null where nothing is known. */
  public static boolean isNews(AreaRow row, @Nullable Placement known) {
    return known == null || row.version() > known.version();
  }

  public static Placement of(AreaRow row) {
    return new Placement(
        row.home(), row.version(), row.listeners().stream().map(Listening::hookId).toList());
  }

  /** Where something is known of the AREA: its home, and its hooks where they are not that. */
  public List<String> places() {
    return Stream.concat(Stream.of(home), hooks.stream()).toList();
  }

  /**
   * What the places have to learn from a row that is news, those that it left first: the one that
   * is known here, and those that the row names, which may have been left before the AREA was heard
   * of.
   */
  public static List<DefinitionChange> changes(AreaRow row, @Nullable Placement known) {
    Set<String> left = new LinkedHashSet<>(row.left());
    if (known != null) {
      left.addAll(known.places());
    }
    List<String> places = of(row).places();
    places.forEach(left::remove);
    List<DefinitionChange> changes = new ArrayList<>();
    left.forEach(place -> changes.add(new Remove(place, row.id(), row.version())));
    if (row.deletedAt() != null) {
      places.forEach(place -> changes.add(new Remove(place, row.id(), row.version())));
      return changes;
    }
    changes.add(
        new Put(
            new Definition(
                subject(row, row.home()), row.enabled(), row.plan(), null, of(row).hooks())));
    for (Listening listening : row.listeners()) {
      Subject subject = subject(row, listening.hookId());
      changes.add(new Put(Definition.listener(subject, row.enabled(), listening.of())));
    }
    return changes;
  }

  private static Subject subject(AreaRow row, String home) {
    return new Subject(home, row.id(), row.version(), row.ownerId());
  }

  private byte[] toRow() {
    return new RowWriter(FORMAT)
        .text(home)
        .number(version)
        .rows(hooks, (hook, each) -> each.text(hook))
        .toBytes();
  }

  private static Placement parse(byte[] bytes) {
    RowReader row = new RowReader(bytes, FORMAT);
    return new Placement(row.text(), row.number(), row.rows(RowReader::text));
  }
}
