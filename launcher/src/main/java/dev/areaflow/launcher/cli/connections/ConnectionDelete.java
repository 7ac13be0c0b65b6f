package dev.areaflow.launcher.cli.connections;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.Confirmation;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code area connections delete}. */
@Command(
    name = "delete",
    description = "Delete an account with its credentials; AREAs that use it stop, and are named.")
final class ConnectionDelete extends ServerCommand {
  @Parameters(paramLabel = "NAME", description = "Name, SERVICE/NAME or id.")
  private String name = "";

  @Mixin private final Confirmation confirmation;

  ConnectionDelete(Surroundings surroundings) {
    super(surroundings);
    this.confirmation = new Confirmation(surroundings.prompt());
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    Api api = api();
    JsonNode connection = api.connection(name);
    String known =
        Printable.of(connection.path("service").asText() + "/" + connection.path("name").asText());
    confirmation.ask("Delete " + known + "?");
    JsonNode stopped = api.delete("/api/v1/connections/" + connection.path("id").asText());
    if (isJson()) {
      printJson(stopped);
      return ExitCode.DONE;
    }
    out().println(known + ": deleted");
    stopped
        .path("stopped")
        .forEach(area -> out().println(Printable.of(area.path("name").asText()) + ": stopped"));
    return ExitCode.DONE;
  }
}
