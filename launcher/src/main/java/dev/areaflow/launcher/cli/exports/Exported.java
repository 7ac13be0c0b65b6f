package dev.areaflow.launcher.cli.exports;

import java.util.List;
import java.util.Locale;

/** What an export has rows of. */
public enum Exported {
  /** Events of hooks. */
  EVENTS("Event"),
  /** Runs of AREAs. */
  RUNS("Run");

  private static final List<Column> EVENT_COLUMNS =
      List.of(
          Column.text("id"),
          Column.text("hookId"),
          Column.text("service"),
          Column.text("action"),
          Column.timeOrNull("time"),
          Column.timeOrNull("receivedAt"),
          Column.number("generation"),
          Column.number("matched"),
          Column.jsonOrNull("payload"));

  private static final List<Column> RUN_COLUMNS =
      List.of(
          Column.text("id"),
          Column.text("areaId"),
          Column.number("areaVersion"),
          Column.textOrNull("hookId"),
          Column.textOrNull("eventId"),
          Column.number("generation"),
          Column.text("status"),
          Column.textOrNull("statusReason"),
          Column.timeOrNull("startedAt"),
          Column.timeOrNull("finishedAt"),
          Column.jsonOrNull("events"),
          Column.jsonOrNull("steps"));

  private final String schema;

  Exported(String schema) {
    this.schema = schema;
  }

  /** Name of a row's schema, where a format has one. */
  String schema() {
    return schema;
  }

  /** Public, as {@code docs/analytics.md} lists them. */
  List<Column> columns() {
    return switch (this) {
      case EVENTS -> EVENT_COLUMNS;
      case RUNS -> RUN_COLUMNS;
    };
  }

  /** Many of them, in a sentence. */
  String plural() {
    return name().toLowerCase(Locale.ROOT);
  }
}
