package dev.areaflow.topology.runs;

import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a step's handling is written: nothing where it is as usual. */
final class HandlingRow {
  private HandlingRow() {}

  static void write(Handling handling, RowWriter row) {
    if (handling.equals(Handling.USUAL)) {
      return;
    }
    Plan.Retry retry = handling.retry();
    row.bool(retry != null);
    if (retry != null) {
      row.optionalNumber(retry.attempts());
      writeDuration(retry.backoff(), row);
      row.number(retry.on().size());
      retry.on().forEach(row::text);
    }
    writeDuration(handling.timeout(), row);
    row.number(
            switch (handling.onFailure()) {
              case STOP -> 0;
              case CONTINUE -> 1;
              case RUN -> 2;
            })
        .bool(handling.atMostOnce())
        .bool(handling.keepsOutput())
        .bool(handling.withheld());
  }

  static Handling read(RowReader row) {
    Plan.@Nullable Retry retry =
        row.bool() ? new Plan.Retry(row.optionalNumber(), readDuration(row), texts(row)) : null;
    Duration timeout = readDuration(row);
    int onFailure = row.integer();
    return new Handling(
        retry,
        timeout,
        switch (onFailure) {
          case 0 -> Plan.OnFailure.STOP;
          case 1 -> Plan.OnFailure.CONTINUE;
          case 2 -> Plan.OnFailure.RUN;
          default ->
              throw new IllegalArgumentException(
                  "expected what a failure means from 0 to 2, found " + onFailure);
        },
        row.bool(),
        row.bool(),
        row.bool());
  }

  private static List<String> texts(RowReader row) {
    List<String> texts = new ArrayList<>();
    for (int left = row.integer(); left > 0; left--) {
      texts.add(row.text());
    }
    return texts;
  }

  /** To the millisecond. */
  private static void writeDuration(@Nullable Duration duration, RowWriter row) {
    row.bool(duration != null);
    if (duration != null) {
      row.number(duration.toMillis());
    }
  }

  private static @Nullable Duration readDuration(RowReader row) {
    return row.bool() ? Duration.ofMillis(row.number()) : null;
  }
}
