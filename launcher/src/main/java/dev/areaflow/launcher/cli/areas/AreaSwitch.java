package dev.areaflow.launcher.cli.areas;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code area areas enable} and {@code disable}. */
@Command
abstract sealed class AreaSwitch extends ServerCommand {
  private final String verb;

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "Names or ids of AREAs.")
  private List<String> names = List.of();

  private AreaSwitch(Surroundings surroundings, String verb) {
    super(surroundings);
    this.verb = verb;
  }

  @Command(name = "enable", description = "Let AREAs fire.")
  static final class Enable extends AreaSwitch {
    Enable(Surroundings surroundings) {
      super(surroundings, "enable");
    }
  }

  @Command(name = "disable", description = "Let AREAs fire no more, until they are enabled.")
  static final class Disable extends AreaSwitch {
    Disable(Surroundings surroundings) {
      super(surroundings, "disable");
    }
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    Api api = api();
    List<JsonNode> areas = new ArrayList<>();
    for (String name : names) {
      areas.add(api.area(name));
    }
    List<JsonNode> switched = new ArrayList<>();
    for (JsonNode area : areas) {
      JsonNode after = api.post("/api/v1/areas/" + area.path("id").asText() + "/" + verb);
      switched.add(after);
      if (!isJson()) {
        out()
            .println(
                Printable.of(after.path("name").asText())
                    + ": "
                    + palette().state(after.path("status").asText()));
      }
    }
    if (isJson()) {
      printJson(switched);
    }
    return ExitCode.DONE;
  }
}
