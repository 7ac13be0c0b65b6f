package dev.areaflow.launcher.cli.deadletters;

import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code area dead-letters show}. */
@Command(name = "show", description = "Show a dead letter with its record, as JSON. For admins.")
final class DeadLetterShow extends ServerCommand {
  @Parameters(paramLabel = "ID", description = "Its place among the dead letters, such as 0-17.")
  private String id = "";

  DeadLetterShow(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    printJson(api().get("/api/v1/dead-letters/" + Query.encoded(id)));
    return ExitCode.DONE;
  }
}
