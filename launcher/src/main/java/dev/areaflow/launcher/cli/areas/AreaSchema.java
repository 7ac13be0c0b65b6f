package dev.areaflow.launcher.cli.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code area areas schema}. */
@Command(
    name = "schema",
    description = {
      "Write the JSON Schema of AREA files, with the services that the server has.",
      "Editors complete and check with it, from the file or from the server's address of it,",
      "/api/v1/schemas/area.json. Nobody needs to be logged in."
    })
final class AreaSchema extends ServerCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where to, instead of standard output.")
  private @Nullable Path file;

  AreaSchema(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    JsonNode schema = server().openApi().get("/api/v1/schemas/area.json");
    if (file == null) {
      printJson(schema);
    } else {
      Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(schema));
      err().println("the schema is in " + file);
    }
    return ExitCode.DONE;
  }
}
