package dev.areaflow.topology.runs;

import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import dev.areaflow.topology.runs.Guidance.Failing;
import org.jspecify.annotations.Nullable;

/** How a run's guidance is written: nothing where there is none. */
final class GuidanceRow {
  private GuidanceRow() {}

  static void write(Guidance guidance, RowWriter row) {
    row.bool(true)
        .number(guidance.ordinary())
        .number(guidance.outputBytes())
        .bool(guidance.serial())
        .number(guidance.place());
    Failing failing = guidance.failing();
    row.bool(failing != null);
    if (failing != null) {
      row.text(failing.stepId()).instant(failing.since());
    }
  }

  static @Nullable Guidance read(RowReader row) {
    return row.bool()
        ? new Guidance(
            row.integer(),
            row.number(),
            row.bool(),
            row.number(),
            row.bool() ? new Failing(row.text(), row.instant()) : null)
        : null;
  }
}
