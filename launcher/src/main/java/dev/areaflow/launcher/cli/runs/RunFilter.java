package dev.areaflow.launcher.cli.runs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.terminal.Moment;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which runs a command is about. */
final class RunFilter {
  private final Surroundings surroundings;

  @Option(names = "--area", paramLabel = "NAME", description = "Runs of this AREA; its name or id.")
  private @Nullable String area;

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      description = "queued, running, succeeded, failed or cancelled.")
  private @Nullable String status;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Begun at or after: -7d, -12h, 2026-03-01 or 2026-03-01T12:00:00Z.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "TIME", description = "Begun before.")
  private @Nullable String to;

  RunFilter(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  boolean isEmpty() {
    return area == null && status == null && from == null && to == null;
  }

  /** What was given, by option. */
  Map<String, String> given() {
    Map<String, String> given = new TreeMap<>();
    putGiven(given, "--area", area);
    putGiven(given, "--status", status);
    putGiven(given, "--from", from);
    putGiven(given, "--to", to);
    return given;
  }

  private static void putGiven(Map<String, String> given, String option, @Nullable String value) {
    if (value != null) {
      given.put(option, value);
    }
  }

  /** The list of the runs. */
  Query query(Api api) throws IOException, InterruptedException {
    return new Query("/api/v1/runs")
        .with("area", areaId(api))
        .with("status", status)
        .with("from", time("--from", from))
        .with("to", time("--to", to));
  }

  /** The filter of a request about them. */
  ObjectNode body(Api api) throws IOException, InterruptedException {
    ObjectNode filter = JsonNodeFactory.instance.objectNode();
    put(filter, "areaId", areaId(api));
    put(filter, "status", status);
    put(filter, "from", time("--from", from));
    put(filter, "to", time("--to", to));
    return filter;
  }

  private static void put(ObjectNode filter, String field, @Nullable Object value) {
    if (value != null) {
      filter.put(field, value.toString());
    }
  }

  private @Nullable String areaId(Api api) throws IOException, InterruptedException {
    return area == null ? null : api.area(area).path("id").asText();
  }

  private @Nullable Instant time(String option, @Nullable String text) {
    return text == null ? null : Moment.of(option, text, surroundings.clock());
  }
}
