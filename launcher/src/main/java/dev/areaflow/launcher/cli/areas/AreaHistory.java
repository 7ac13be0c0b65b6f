package dev.areaflow.launcher.cli.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.cli.terminal.Table;
import dev.areaflow.launcher.definitions.AreaYaml;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code area areas history}. */
@Command(
    name = "history",
    description = {
      "List the versions of an AREA, newest first: when each was made, by whom, and how; or show the",
      "definition of one, and what it changed."
    })
final class AreaHistory extends ServerCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The AREA's name, or its id.")
  private String name = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "VERSION", description = "One of them.")
  private @Nullable Integer version;

  AreaHistory(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    Api api = api();
    String path = "/api/v1/areas/" + api.area(name).path("id").asText() + "/versions";
    if (version != null) {
      show(api.get(path + "/" + version));
    } else {
      list(api.list(new Query(path)));
    }
    return ExitCode.DONE;
  }

  private void list(List<JsonNode> versions) {
    if (isJson()) {
      printJson(versions);
      return;
    }
    Table table = new Table("VERSION", "AT", "WHAT", "BY", "NAME");
    versions.forEach(
        each ->
            table.row(
                each.path("version").asText(),
                each.path("at").asText(),
                what(each),
                by(each.path("by")),
                each.path("name").asText()));
    print(table);
  }

  private void show(JsonNode found) {
    if (isJson()) {
      printJson(found);
      return;
    }
    out()
        .printf(
            "# version %d, %s %s by %s%n",
            found.path("version").asInt(),
            what(found),
            found.path("at").asText(),
            Printable.of(by(found.path("by"))));
    found.path("changes").forEach(change -> out().println("# " + Printable.of(change.toString())));
    out().println();
    out().print(AreaYaml.of((ObjectNode) found.path("definition")));
  }

  private static String what(JsonNode version) {
    String what = version.path("what").asText();
    return version.path("restored").isInt() ? what + " " + version.path("restored") : what;
  }

  private static String by(JsonNode by) {
    String kind = by.path("kind").asText();
    return by.path("token").isTextual() ? kind + " (" + by.path("token").asText() + ")" : kind;
  }
}
