package dev.areaflow.launcher.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.server.RefusedException;
import dev.areaflow.launcher.cli.terminal.Palette;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Table;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What people see of runs: their AREA by its name, and the first thing that went wrong. */
final class RunTable {
  private final Map<String, String> names = new HashMap<>();

  private RunTable() {}

  /** With the names of one's AREAs. */
  static RunTable of(Api api) throws IOException, InterruptedException {
    RunTable table = new RunTable();
    table.read(api);
    return table;
  }

  /** Reads the names again: AREAs come and go. Where the token does not show them, ids do. */
  void read(Api api) throws IOException, InterruptedException {
    try {
      for (JsonNode area : api.list(new Query("/api/v1/areas"))) {
        names.put(area.path("id").asText(), area.path("name").asText());
      }
    } catch (RefusedException e) {
      if (e.status() != 403) {
        throw e;
      }
    }
  }

  boolean knows(JsonNode run) {
    return names.containsKey(run.path("areaId").asText());
  }

  /** The runs under headings. */
  Table table(List<JsonNode> runs) {
    Table table = new Table("STARTED", "STATUS", "TOOK", "AREA", "ID", "WHY");
    for (JsonNode run : runs) {
      table.row(
          seconds(run.path("startedAt").asText()),
          run.path("status").asText(),
          took(run),
          area(run),
          run.path("id").asText(),
          why(run));
    }
    return table;
  }

  /** A run in one line. */
  String line(JsonNode run, Palette palette) {
    String line =
        "%s  %s  %s  %s  %s"
            .formatted(
                seconds(run.path("startedAt").asText()),
                palette.state(
                    run.path("status").asText(), "%-9s".formatted(run.path("status").asText())),
                Printable.of(area(run)),
                run.path("id").asText(),
                Printable.of(why(run)));
    return line.stripTrailing();
  }

  private String area(JsonNode run) {
    String id = run.path("areaId").asText();
    String name = names.getOrDefault(id, id);
    return run.path("replayId").isTextual() ? name + " (replay)" : name;
  }

  private static String took(JsonNode run) {
    if (!run.path("finishedAt").isTextual()) {
      return "";
    }
    Duration took =
        Duration.between(
            Instant.parse(run.path("startedAt").asText()),
            Instant.parse(run.path("finishedAt").asText()));
    return took.toMillis() + " ms";
  }

  private static String why(JsonNode run) {
    for (JsonNode step : run.path("steps")) {
      if (step.path("error").isObject()) {
        return step.path("id").asText() + ": " + step.path("error").path("message").asText();
      }
    }
    return run.path("statusReason").asText("");
  }

  private static String seconds(String time) {
    return time.replaceFirst("\\.\\d+Z$", "Z");
  }
}
