package dev.areaflow.launcher.cli.replays;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
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

/** {@code area replays list}. */
@Command(name = "list", description = "List replays, newest first.")
final class ReplayList extends ServerCommand {
  @Option(names = "--area", paramLabel = "NAME", description = "Of this AREA; its name or id.")
  private @Nullable String area;

  ReplayList(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    Api api = api();
    @Nullable String id = area == null ? null : api.area(area).path("id").asText();
    List<JsonNode> replays = api.list(new Query("/api/v1/replays").with("area", id));
    if (isJson()) {
      printJson(replays);
    } else {
      print(table(replays));
    }
    return ExitCode.DONE;
  }

  static Table table(List<JsonNode> replays) {
    Table table = new Table("ID", "STATUS", "READ", "OF", "SENT", "SKIPPED", "GENERATION", "ERROR");
    replays.forEach(
        replay ->
            table.row(
                replay.path("id").asText(),
                replay.path("status").asText(),
                replay.path("read").asText(),
                replay.path("of").asText(),
                replay.path("sent").asText(),
                replay.path("skipped").asText(),
                replay.path("generation").asText(),
                replay.path("error").asText("")));
    return table;
  }
}
