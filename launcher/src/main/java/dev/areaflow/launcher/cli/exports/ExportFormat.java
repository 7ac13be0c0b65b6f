package dev.areaflow.launcher.cli.exports;

import dev.areaflow.launcher.cli.terminal.CommandFailure;
import java.io.IOException;
import java.nio.file.Path;

/** What an export is written as. */
enum ExportFormat {
  NDJSON,
  CSV,
  AVRO;

  /** The format of a name. */
  static ExportFormat of(String name) {
    return switch (name) {
      case "ndjson" -> NDJSON;
      case "csv" -> CSV;
      case "avro" -> AVRO;
      default ->
          throw CommandFailure.usage("--format: expected ndjson, csv or avro, found " + name);
    };
  }

  /** Whether it may be printed. */
  boolean isText() {
    return this != AVRO;
  }

  /** For an export that begins. */
  RowWriter begun(Exported what) throws IOException {
    return switch (this) {
      case NDJSON -> new NdjsonRows();
      case CSV -> new CsvRows(what);
      case AVRO -> AvroRows.begun(what);
    };
  }

  /** For an export that goes on. */
  RowWriter continued(Exported what, Path file) throws IOException {
    return switch (this) {
      case NDJSON -> new NdjsonRows();
      case CSV -> new CsvRows(what);
      case AVRO -> AvroRows.continued(what, file);
    };
  }
}
