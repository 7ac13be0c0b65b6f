package dev.areaflow.launcher.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.cli.terminal.Table;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code area runs show}. */
@Command(name = "show", description = "Show a run: its steps, what is advised, and its event.")
final class RunShow extends ServerCommand {
  @Parameters(paramLabel = "ID", description = "The run's id.")
  private String id = "";

  RunShow(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    Api api = api();
    JsonNode run = api.get("/api/v1/runs/" + Query.encoded(id));
    if (isJson()) {
      printJson(run);
      return ExitCode.DONE;
    }
    print(RunTable.of(api).table(List.of(run)));
    if (run.path("replayId").isTextual()) {
      out().println("of replay " + run.path("replayId").asText());
    }
    out().println();
    Table steps = new Table("STEP", "STATUS", "ATTEMPTS", "ANSWER", "WHY", "ADVICE");
    for (JsonNode step : run.path("steps")) {
      steps.row(
          step.path("id").asText(),
          step.path("status").asText(),
          step.path("attempts").asText(),
          step.path("response").path("status").asText(""),
          step.path("error").path("message").asText(step.path("reason").asText("")),
          step.path("advice").asText(""));
    }
    print(steps);
    out().println();
    printEvent(run);
    return ExitCode.DONE;
  }

  /** The event that made the run, the last of those that a rule collected. */
  private void printEvent(JsonNode run) throws IOException {
    if (run.path("events").size() > 1) {
      List<String> collected = run.path("events").findValuesAsText("id");
      out()
          .printf(
              "made by %d events: %s%n",
              collected.size(), Printable.of(String.join(", ", collected)));
    }
    JsonNode event = run.path("event");
    if (!event.path("id").asText().isEmpty()) {
      out().println("event " + Printable.of(event.path("id").asText()));
    }
    if (event.path("payload").isMissingNode() || event.path("payload").isNull()) {
      out().println(Printable.of(event.path("detail").asText("it is not kept any more")));
    } else {
      printJson(event.path("payload"));
    }
  }
}
