package dev.areaflow.launcher.cli.exports;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A column of an export: a field of what the API answers.
 *
 * @param name of the field, and of the column
 * @param isNullable whether a row may have no value
 */
record Column(String name, Kind kind, boolean isNullable) {
  /** What its values are. */
  enum Kind {
    TEXT,
    WHOLE_NUMBER,
    /** To the microsecond. */
    TIME,
    /** Any JSON, in the text that it is written as. */
    JSON
  }

  static Column text(String name) {
    return new Column(name, Kind.TEXT, false);
  }

  static Column textOrNull(String name) {
    return new Column(name, Kind.TEXT, true);
  }

  static Column number(String name) {
    return new Column(name, Kind.WHOLE_NUMBER, false);
  }

  static Column timeOrNull(String name) {
    return new Column(name, Kind.TIME, true);
  }

  static Column jsonOrNull(String name) {
    return new Column(name, Kind.JSON, true);
  }

  /** The value of a row; missing or null where it has none. */
  JsonNode of(JsonNode item) {
    return item.path(name);
  }

  /** Whether a row has no value. */
  boolean isEmptyIn(JsonNode item) {
    return isNullable && (of(item).isMissingNode() || of(item).isNull());
  }
}
