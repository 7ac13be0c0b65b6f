package dev.areaflow.launcher.cli.areas;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code area areas restore}. */
@Command(
    name = "restore",
    description = {
      "Give an AREA the definition of an older version again, as a new version. One that was deleted",
      "within 30 days comes back so, by its id."
    })
final class AreaRestore extends ServerCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The AREA's name, or its id.")
  private String name = "";

  @Parameters(index = "1", paramLabel = "VERSION", description = "As areas history lists them.")
  private int version;

  AreaRestore(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    Api api = api();
    String id = Api.isId(name) ? name : api.area(name).path("id").asText();
    JsonNode area = api.post("/api/v1/areas/" + id + "/versions/" + version + "/restore");
    if (isJson()) {
      printJson(area);
    } else {
      out()
          .printf(
              "%s is as in version %d again; this is version %d%n",
              Printable.of(area.path("name").asText()), version, area.path("version").asInt());
    }
    return ExitCode.DONE;
  }
}
