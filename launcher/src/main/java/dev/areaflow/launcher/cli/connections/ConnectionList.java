package dev.areaflow.launcher.cli.connections;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.cli.terminal.Table;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code area connections list}. */
@Command(name = "list", description = "List your accounts at services.")
final class ConnectionList extends ServerCommand {
  @Option(names = "--service", paramLabel = "ID", description = "Only those at this service.")
  private @Nullable String service;

  ConnectionList(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    List<JsonNode> connections =
        api().list(new Query("/api/v1/connections").with("service", service));
    if (isJson()) {
      printJson(connections);
      return ExitCode.DONE;
    }
    Table table = new Table("SERVICE", "NAME", "STATUS", "ACCOUNT", "WHY");
    for (JsonNode each : connections) {
      table.row(
          each.path("service").asText(),
          each.path("name").asText(),
          each.path("status").asText(),
          each.path("account").asText(""),
          each.path("problem").asText(""));
    }
    print(table);
    return ExitCode.DONE;
  }
}
