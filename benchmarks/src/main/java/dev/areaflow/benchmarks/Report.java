package dev.areaflow.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.benchmarks.Measurement.Load;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was measured, as one table or one JSON document. */
record Report(Machine machine, int seconds, int payloadBytes, Measurement area, Measurement bare) {
  private record Row(String what, String area, String bare, String target, String met) {}

  /** Reactions a second beside those of the bare loop. */
  double shareOfBareLoop() {
    return area.sustained().reactionsPerSecond() / bare.sustained().reactionsPerSecond();
  }

  /** A Markdown table. */
  String table() {
    Load areaClosed = area.closed();
    Load bareClosed = bare.closed();
    List<Row> rows = new ArrayList<>();
    rows.add(
        row(
            "accepted/s, 16 connections",
            "%.0f".formatted(areaClosed.acceptedPerSecond()),
            "%.0f".formatted(bareClosed.acceptedPerSecond())));
    rows.add(
        row(
            "reactions/s meanwhile",
            "%.0f".formatted(areaClosed.reactionsPerSecond()),
            "%.0f".formatted(bareClosed.reactionsPerSecond())));
    rows.add(
        row(
            "backlog at its end",
            Long.toString(areaClosed.backlog()),
            Long.toString(bareClosed.backlog())));
    rows.add(
        row(
            "accepted/s sustained",
            "%.0f".formatted(area.sustained().acceptedPerSecond()),
            "%.0f".formatted(bare.sustained().acceptedPerSecond())));
    rows.add(
        row(
            "reactions/s sustained",
            "%.0f".formatted(area.sustained().reactionsPerSecond()),
            "%.0f".formatted(bare.sustained().reactionsPerSecond()),
            "≥ 3500",
            area.sustained().isSustained() && area.sustained().reactionsPerSecond() >= 3_500));
    rows.add(
        row(
            "of the bare loop",
            "%.0f %%".formatted(shareOfBareLoop() * 100),
            "100 %",
            "≥ 60 %",
            shareOfBareLoop() >= 0.6));
    rows.add(
        row(
            "backlog at its end",
            Long.toString(area.sustained().backlog()),
            Long.toString(bare.sustained().backlog())));
    rows.add(
        row(
            "webhook's answer then p50 / p99, ms",
            pair(area.sustained().answer()),
            pair(bare.sustained().answer())));
    rows.add(
        row(
            "webhook's answer p50 / p99 at half that rate, 16 connections, ms",
            pair(area.answers().answer()),
            pair(bare.answers().answer()),
            "p99 ≤ 60",
            area.answers().answer().p99() <= 60));
    rows.add(
        row(
            "CPU per event at the sustained rate, all processes, µs",
            "%.0f".formatted(area.sustained().processorMicrosPerEvent()),
            "%.0f".formatted(bare.sustained().processorMicrosPerEvent())));
    rows.add(
        row(
            "event to reaction p50 at 200/s, ms",
            "%.0f".formatted(area.quiet().eventToReaction().p50()),
            "%.0f".formatted(bare.quiet().eventToReaction().p50()),
            "≤ 60",
            area.quiet().eventToReaction().p50() <= 60));
    rows.add(
        row(
            "event to reaction p99 at 200/s, ms",
            "%.0f".formatted(area.quiet().eventToReaction().p99()),
            "%.0f".formatted(bare.quiet().eventToReaction().p99()),
            "≤ 200",
            area.quiet().eventToReaction().p99() <= 200));
    rows.add(
        row(
            "memory of the JVM, most seen, MiB",
            "%.0f".formatted(area.memory().root()),
            "%.0f".formatted(bare.memory().root()),
            "≤ 1229",
            area.memory().root() <= 1_228.8));
    rows.add(
        row(
            "memory of all processes, most seen, MiB",
            "%.0f".formatted(area.memory().all()),
            "%.0f".formatted(bare.memory().all()),
            "≤ 2048",
            area.memory().all() <= 2_048));
    rows.add(
        row(
            "start-up, first, s",
            "%.1f".formatted(area.startUp().toMillis() / 1_000.0),
            "%.1f".formatted(bare.startUp().toMillis() / 1_000.0),
            "≤ 30",
            area.startUp().toSeconds() < 30));
    rows.add(
        row(
            "start-up, on that data, s",
            "%.1f".formatted(area.secondStartUp().toMillis() / 1_000.0),
            "",
            "≤ 15",
            area.secondStartUp().toSeconds() < 15));
    StringBuilder table = new StringBuilder();
    table.append("| | area up | bare loop | target | met |\n|---|---|---|---|---|\n");
    rows.forEach(
        row ->
            table.append(
                "| %s | %s | %s | %s | %s |%n"
                    .formatted(row.what(), row.area(), row.bare(), row.target(), row.met())));
    return table
        .append("\n")
        .append(machine)
        .append("; %d s a run, payload %d bytes%n".formatted(seconds, payloadBytes))
        .toString();
  }

  /** The same in JSON, with everything that was measured. */
  String json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("machine", Wire.JSON.valueToTree(machine));
    json.put("seconds", seconds);
    json.put("payloadBytes", payloadBytes);
    json.put("shareOfBareLoop", shareOfBareLoop());
    json.set("area", measurement(area));
    json.set("bareLoop", measurement(bare));
    return Wire.line(json);
  }

  private static ObjectNode measurement(Measurement measured) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("closedLoop", Wire.JSON.valueToTree(measured.closed()));
    json.set("sustained", Wire.JSON.valueToTree(measured.sustained()));
    json.set("answers", Wire.JSON.valueToTree(measured.answers()));
    json.set("quiet", Wire.JSON.valueToTree(measured.quiet()));
    json.put("jvmMebibytes", measured.memory().root());
    json.put("allMebibytes", measured.memory().all());
    json.put("startUpSeconds", measured.startUp().toMillis() / 1_000.0);
    json.put("secondStartUpSeconds", measured.secondStartUp().toMillis() / 1_000.0);
    return json;
  }

  private static Row row(String what, String area, String bare) {
    return new Row(what, area, bare, "", "");
  }

  private static Row row(String what, String area, String bare, String target, boolean met) {
    return new Row(what, area, bare, target, met ? "yes" : "no");
  }

  private static String pair(Latency latency) {
    return String.format(Locale.ROOT, "%.1f / %.1f", latency.p50(), latency.p99());
  }
}
