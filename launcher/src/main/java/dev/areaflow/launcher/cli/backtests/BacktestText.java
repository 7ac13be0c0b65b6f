package dev.areaflow.launcher.cli.backtests;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.terminal.Printable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A backtest for people.
 *
 * @param out where it is printed
 */
record BacktestText(PrintWriter out) {

  /**
   * Prints a firing with the calls that it would have made.
   *
   * @param sign what comes before it
   */
  void firing(String sign, JsonNode firing) {
    List<String> events = new ArrayList<>();
    firing.path("eventIds").forEach(id -> events.add(id.asText()));
    out.println(
        sign
            + firing.path("at").asText()
            + "  "
            + (events.size() == 1 ? "event " : events.size() + " events ")
            + Printable.of(String.join(", ", events)));
    for (JsonNode command : firing.path("commands")) {
      out.println(
          "    "
              + Printable.of(command.path("reaction").asText())
              + "  "
              + Printable.brief(command.path("inputs")));
    }
    for (Map.Entry<String, JsonNode> failure : firing.path("failures").properties()) {
      out.println(
          "    "
              + Printable.of(failure.getKey())
              + "  cannot be evaluated: "
              + Printable.of(failure.getValue().asText()));
    }
    for (Map.Entry<String, JsonNode> step : firing.path("skipped").properties()) {
      out.println(
          "    "
              + Printable.of(step.getKey())
              + "  skipped: "
              + Printable.of(step.getValue().asText()));
    }
  }

  /** Prints what one backtest has otherwise than the one before. */
  void moves(List<Firings.Move> moves) {
    for (Firings.Move move : moves) {
      switch (move) {
        case Firings.Move.Came came -> firing("+ ", came.firing());
        case Firings.Move.Went went -> firing("- ", went.firing());
        case Firings.Move.Changed changed -> firing("~ ", changed.firing());
      }
    }
    out.printf(
        Locale.ROOT,
        "%,d came, %,d went, %,d changed; ",
        count(moves, Firings.Move.Came.class),
        count(moves, Firings.Move.Went.class),
        count(moves, Firings.Move.Changed.class));
  }

  private static long count(List<Firings.Move> moves, Class<?> kind) {
    return moves.stream().filter(kind::isInstance).count();
  }

  /** Prints the last line. */
  void summary(JsonNode summary) {
    out.printf(
        Locale.ROOT,
        "%,d events read, %,d matched, %,d fired, in %s s%n",
        summary.path("read").asLong(),
        summary.path("matched").asLong(),
        summary.path("fired").asLong(),
        summary.path("seconds").asText());
    count("not asked for", summary.path("skipped"));
    counts("refused by", summary.path("refused"));
    counts("dropped by", summary.path("dropped"));
    count("could not be decided on", summary.path("failed"));
    count("repeated", summary.path("repeated"));
  }

  private void counts(String what, JsonNode counts) {
    for (Map.Entry<String, JsonNode> each : counts.properties()) {
      count(what + " " + Printable.of(each.getKey()), each.getValue());
    }
  }

  private void count(String what, JsonNode count) {
    if (count.asLong() > 0) {
      out.printf(Locale.ROOT, "  %s: %,d%n", what, count.asLong());
    }
  }
}
