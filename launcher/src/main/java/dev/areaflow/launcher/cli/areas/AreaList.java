package dev.areaflow.launcher.cli.areas;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.cli.terminal.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code area areas list}. */
@Command(name = "list", description = "List your AREAs, the newest first.")
final class AreaList extends ServerCommand {
  @Option(
      names = "--name",
      paramLabel = "PART",
      description = "Only those with this in their name.")
  private @Nullable String name;

  @Option(names = "--service", paramLabel = "ID", description = "Only those that use this service.")
  private @Nullable String service;

  @Option(
      names = "--enabled",
      arity = "1",
      paramLabel = "true|false",
      description = "Only those that are, or are not.")
  private @Nullable Boolean enabled;

  AreaList(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    List<JsonNode> areas =
        api()
            .list(
                new Query("/api/v1/areas")
                    .with("q", name)
                    .with("service", service)
                    .with("enabled", enabled));
    if (isJson()) {
      printJson(areas);
      return ExitCode.DONE;
    }
    Table table = new Table("NAME", "STATUS", "VERSION", "WHEN", "THEN", "WHY");
    for (JsonNode area : areas) {
      table.row(
          area.path("name").asText(),
          area.path("status").asText(),
          area.path("version").asText(),
          String.join(", ", actions(area)),
          String.join(", ", reactions(area)),
          area.path("statusReason").asText(""));
    }
    print(table);
    return ExitCode.DONE;
  }

  private static List<String> actions(JsonNode area) {
    List<String> actions = new ArrayList<>();
    if (area.has("action")) {
      actions.add(use(area.path("action"), "action"));
    }
    area.path("actions").forEach(action -> actions.add(use(action, "action")));
    return actions;
  }

  private static List<String> reactions(JsonNode area) {
    List<String> reactions = new ArrayList<>();
    area.path("reactions")
        .forEach(step -> reactions.add(step.has("choose") ? "choose" : use(step, "reaction")));
    return reactions.stream().distinct().toList();
  }

  private static String use(JsonNode part, String what) {
    return part.path("service").asText() + "." + part.path(what).asText();
  }
}
