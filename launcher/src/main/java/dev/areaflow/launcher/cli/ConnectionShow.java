package dev.areaflow.launcher.cli;

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
  int run() throws IOException, InterruptedException {
    printJson(api().connection(name));
    return ExitCode.DONE;
  }
}
