package dev.areaflow.benchmarks;

import java.util.List;
import java.util.Locale;

/**
 * What polling many hooks took.
 *
 * @param minutes how long was measured
 * @param failing hooks whose last poll had failed at the end
 * @param items that came into the lists
 * @param lost items that made no event
 * @param repeated events beyond the first of an item
 * @param itemToReaction from an item's coming to the reaction to it: up to an interval of waiting
 * @param processors that all processes used on average
 */
record ServicesReport(
    Machine machine,
    int hooks,
    int minutes,
    Punctuality polls,
    int failing,
    long items,
    long lost,
    long repeated,
    Latency itemToReaction,
    double processors,
    ProcessTree.Memory memory) {
  private static final int MOST_LATE_MILLIS = 2_000;

  private record Row(String what, String found, String target, boolean met) {}

  /** A Markdown table. */
  String table() {
    Latency late = polls.lateness();
    List<Row> rows =
        List.of(
            row("polls/s", "%.1f", polls.lateness().count() / (minutes * 60.0)),
            target("turns of %d".formatted(polls.due()) + " missed", polls.missed(), 0),
            target("hooks failing at the end", failing, 0),
            row("lateness of a poll p50, ms", "%.0f", late.p50()),
            target("lateness of a poll p99, ms", Math.round(late.p99()), MOST_LATE_MILLIS),
            row("lateness of a poll, most, ms", "%.0f", late.max()),
            row("polls beyond one a turn", "%.0f", (double) polls.extra()),
            target("items of %d".formatted(items) + " without an event", lost, 0),
            target("reactions beyond one an item", repeated, 0),
            row("item to reaction p50, s", "%.1f", itemToReaction.p50() / 1_000),
            row("item to reaction p99, s", "%.1f", itemToReaction.p99() / 1_000),
            row("processors in use, all processes", "%.2f", processors),
            row("memory of the JVM, most seen, MiB", "%.0f", memory.root()),
            row("memory of all processes, most seen, MiB", "%.0f", memory.all()));
    StringBuilder table = new StringBuilder("| | area up | target | met |\n|---|---|---|---|\n");
    rows.forEach(
        row ->
            table.append(
                "| %s | %s | %s | %s |%n"
                    .formatted(
                        row.what(),
                        row.found(),
                        row.target(),
                        row.target().isEmpty() ? "" : row.met() ? "yes" : "no")));
    return table
        .append("\n")
        .append(machine)
        .append("; %d hooks polled once a minute, %d minutes%n".formatted(hooks, minutes))
        .toString();
  }

  private static Row row(String what, String format, double found) {
    return new Row(what, String.format(Locale.ROOT, format, found), "", true);
  }

  private static Row target(String what, long found, long most) {
    return new Row(what, Long.toString(found), most == 0 ? "0" : "≤ " + most, found <= most);
  }
}
