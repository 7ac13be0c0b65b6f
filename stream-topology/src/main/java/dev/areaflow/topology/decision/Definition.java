package dev.areaflow.topology.decision;

import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import dev.areaflow.topology.runs.Subject;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/**
 * One AREA at its home, in one version.
 *
 * @param subject the AREA
 * @param active whether it decides: enabled by its owner, and executable
 * @param plan what it executes, a {@code Plan} in JSON; empty of a listener
 * @param of of a listener at the hook of an AREA that has several what the AREA calls the hook's
 *     action; null where the home is the AREA's own
 * @param hooks at the home of an AREA with several hooks those, else empty
 */
public record Definition(
    Subject subject, boolean active, String plan, @Nullable String of, List<String> hooks) {
  /** Of the values of the definitions' store. */
  public static final Serde<Definition> SERDE =
      Serdes.serdeFrom(
          (topic, definition) -> definition == null ? null : definition.toRow(),
          (topic, bytes) -> bytes == null ? null : parse(bytes));

  private static final int FORMAT = 1;

  public Definition {
    hooks = List.copyOf(hooks);
  }

  /** Of an AREA whose home is its hook. */
  public Definition(Subject subject, boolean active, String plan) {
    this(subject, active, plan, null, List.of());
  }

  /** At one of its hooks, of an AREA whose home is its own id. */
  static Definition listener(Subject subject, boolean active, String of) {
    return new Definition(subject, active, "", of, List.of());
  }

  /** Whether it only has the events of a hook sent to the AREA's home. */
  public boolean isListener() {
    return of != null;
  }

  /** The same definition, not deciding. */
  public Definition inactive() {
    return new Definition(subject, false, plan, of, hooks);
  }

  private byte[] toRow() {
    return new RowWriter(FORMAT)
        .text(subject.home())
        .text(subject.areaId())
        .number(subject.version())
        .text(subject.ownerId())
        .bool(active)
        .text(plan)
        .optionalText(of)
        .rows(hooks, (hook, each) -> each.text(hook))
        .toBytes();
  }

  private static Definition parse(byte[] bytes) {
    RowReader row = new RowReader(bytes, FORMAT);
    return new Definition(
        new Subject(row.text(), row.text(), row.number(), row.text()),
        row.bool(),
        row.text(),
        row.optionalText(),
        row.rows(RowReader::text));
  }
}
