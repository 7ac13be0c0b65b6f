package dev.areaflow.launcher.cli.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.definitions.AreaYaml;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code area areas show}. */
@Command(name = "show", description = "Show how an AREA stands, and its definition.")
final class AreaShow extends ServerCommand {
  @Parameters(paramLabel = "NAME", description = "The AREA's name, or its id.")
  private String name = "";

  AreaShow(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    JsonNode area = api().area(name);
    if (isJson()) {
      printJson(area);
      return ExitCode.DONE;
    }
    fact("status", palette().state(area.path("status").asText()));
    fact("why", Printable.of(area.path("statusReason").asText("")));
    fact("version", area.path("version").asText());
    fact("id", area.path("id").asText());
    for (JsonNode hook : Applying.hooks(area)) {
      fact("hook", Applying.hookOf(hook) + hook.path("url").asText(hook.path("id").asText()));
      fact("", Printable.of(hook.path("subscription").path("problem").asText("")));
      fact("", Printable.of(hook.path("polling").path("lastFailure").asText("")));
    }
    out().println();
    out().print(AreaYaml.of((ObjectNode) area));
    return ExitCode.DONE;
  }

  private void fact(String what, String is) {
    if (!is.isEmpty()) {
      out().printf("# %-8s %s%n", what, is);
    }
  }
}
