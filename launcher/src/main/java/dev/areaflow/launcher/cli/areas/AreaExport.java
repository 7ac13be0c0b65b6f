package dev.areaflow.launcher.cli.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.definitions.AreaYaml;
import dev.areaflow.launcher.definitions.FileNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code area areas export}. */
@Command(
    name = "export",
    description = {
      "Write AREAs as files, or to standard output; applying them changes nothing.",
      "Secrets are not in them: accounts are named by their connections."
    })
final class AreaExport extends ServerCommand {
  @Parameters(
      paramLabel = "NAME",
      arity = "0..*",
      description = "Names or ids of AREAs; all where none is given.")
  private List<String> names = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Folder for a file each; made where missing.")
  private @Nullable Path directory;

  @Option(
      names = "--schema",
      paramLabel = "ADDRESS",
      description = "Address or file of the schema, for editors: each file begins with it.")
  private @Nullable String schema;

  AreaExport(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    List<JsonNode> areas = areas(api());
    if (isJson()) {
      printJson(areas);
    } else if (directory == null) {
      for (int i = 0; i < areas.size(); i++) {
        out().print((i == 0 ? heading() : "---\n") + AreaYaml.of((ObjectNode) areas.get(i)));
      }
    } else {
      write(areas, directory);
    }
    return ExitCode.DONE;
  }

  private List<JsonNode> areas(Api api) throws IOException, InterruptedException {
    List<JsonNode> areas = new ArrayList<>();
    for (String name : names) {
      areas.add(api.area(name));
    }
    if (names.isEmpty()) {
      areas.addAll(api.list(new Query("/api/v1/areas")));
      areas.sort(Comparator.comparing(area -> area.path("name").asText()));
    }
    return areas;
  }

  private void write(List<JsonNode> areas, Path folder) throws IOException {
    Files.createDirectories(folder);
    FileNames fileNames = new FileNames();
    for (JsonNode area : areas) {
      Path file = folder.resolve(fileNames.of(area.path("name").asText()) + ".yaml");
      Files.writeString(file, heading() + AreaYaml.of((ObjectNode) area));
    }
    err().println(areas.size() + " AREAs are in " + folder);
  }

  private String heading() {
    return schema == null ? "" : "# yaml-language-server: $schema=" + schema + "\n";
  }
}
