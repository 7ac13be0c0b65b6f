package dev.areaflow.launcher.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code area runs list}. */
@Command(name = "list", description = "List runs, the newest first.")
final class RunList extends ServerCommand {
  @Mixin private final RunFilter filter;

  @Option(names = "--replay", paramLabel = "ID", description = "Runs that this replay made.")
  private @Nullable String replay;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "At most so many, default ${DEFAULT-VALUE}.")
  private int limit;

  RunList(Surroundings surroundings) {
    super(surroundings);
    this.filter = new RunFilter(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    if (limit < 1) {
      throw CommandFailure.usage("--limit: expected a whole number from 1, found " + limit);
    }
    Api api = api();
    List<JsonNode> runs = api.list(filter.query(api).with("replay", replay), limit);
    if (isJson()) {
      printJson(runs);
    } else {
      print(RunTable.of(api).table(runs));
    }
    return ExitCode.DONE;
  }
}
