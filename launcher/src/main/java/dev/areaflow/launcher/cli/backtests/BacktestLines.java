package dev.areaflow.launcher.cli.backtests;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The lines of a backtest as they come, for people and for programs.
 *
 * @param command whose output they are
 */
public record BacktestLines(ServerCommand command) {

  /**
   * Reads a whole backtest, and gives its last line. Problems are shown.
   *
   * @throws CommandFailure where it does not come to its end
   */
  public JsonNode read(Api api, String path, JsonNode request, Consumer<JsonNode> firings)
      throws IOException, InterruptedException {
    Progress progress = command.progress();
    List<JsonNode> summary = new ArrayList<>();
    try {
      api.lines(
          path,
          request,
          line -> {
            switch (line.path("type").asText()) {
              case "progress" ->
                  progress.show(line.path("read").asLong(), line.path("of").asLong(), "events");
              case "firing" -> {
                progress.hide();
                firings.accept(line);
              }
              case "problem" -> {
                progress.hide();
                problem(line);
              }
              case "summary" -> summary.add(line);
              case "error" -> throw ended(line);
              default -> {
                // a kind that a newer server has
              }
            }
          });
    } finally {
      progress.hide();
    }
    if (summary.isEmpty()) {
      throw CommandFailure.unavailable("the backtest ended without its summary; try again");
    }
    return summary.getFirst();
  }

  /** A backtest that did not come to its end. */
  private static CommandFailure ended(JsonNode line) {
    String why = line.path("title").asText() + ": " + line.path("detail").asText();
    return line.path("title").asText().equals("Unavailable")
        ? CommandFailure.unavailable(why)
        : CommandFailure.of(why);
  }

  private void problem(JsonNode line) {
    if (command.isJson()) {
      command.printLine(line);
    } else {
      command
          .err()
          .println(
              "%s  event %s: %s"
                  .formatted(
                      line.path("at").asText(),
                      Printable.of(line.path("eventId").asText()),
                      Printable.of(line.path("detail").asText())));
    }
  }

  /** Shows a line of the kind {@code firing}. */
  public void showFiring(JsonNode firing) {
    if (command.isJson()) {
      command.printLine(firing);
    } else {
      text().firing("", firing);
    }
  }

  /** Shows the last line. */
  public void show(JsonNode summary) {
    if (command.isJson()) {
      command.printLine(summary);
    } else {
      text().summary(summary);
    }
  }

  private BacktestText text() {
    return new BacktestText(command.out());
  }
}
