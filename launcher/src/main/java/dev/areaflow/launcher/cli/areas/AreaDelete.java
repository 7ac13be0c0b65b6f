package dev.areaflow.launcher.cli.areas;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.Confirmation;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code area areas delete}. */
@Command(name = "delete", description = "Delete AREAs, with the hooks that no other uses.")
final class AreaDelete extends ServerCommand {
  @Parameters(paramLabel = "NAME", arity = "1..*", description = "Names or ids of AREAs.")
  private List<String> names = List.of();

  @Mixin private final Confirmation confirmation;

  AreaDelete(Surroundings surroundings) {
    super(surroundings);
    this.confirmation = new Confirmation(surroundings.prompt());
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    Api api = api();
    List<JsonNode> areas = new ArrayList<>();
    for (String name : names) {
      areas.add(api.area(name));
    }
    confirmation.ask(
        "Delete "
            + areas.stream()
                .map(area -> Printable.of(area.path("name").asText()))
                .collect(Collectors.joining(", "))
            + "?");
    for (JsonNode area : areas) {
      JsonNode _ = api.delete("/api/v1/areas/" + area.path("id").asText());
      if (!isJson()) {
        out().println(Printable.of(area.path("name").asText()) + ": deleted");
      }
    }
    if (isJson()) {
      printJson(areas);
    }
    return ExitCode.DONE;
  }
}
