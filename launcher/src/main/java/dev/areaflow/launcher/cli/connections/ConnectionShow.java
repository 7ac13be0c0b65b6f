package dev.areaflow.launcher.cli.connections;

import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code area connections show}. */
@Command(
    name = "show",
    description = "Show an account at a service, as JSON; its credentials are never shown.")
final class ConnectionShow extends ServerCommand {
  @Parameters(paramLabel = "NAME", description = "Name, SERVICE/NAME or id.")
  private String name = "";

  ConnectionShow(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    printJson(api().connection(name));
    return ExitCode.DONE;
  }
}
