package dev.areaflow.launcher.cli.deadletters;

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

/** {@code area dead-letters list}. */
@Command(name = "list", description = "List what could not be processed, of all users. For admins.")
final class DeadLetterList extends ServerCommand {
  @Option(names = "--topic", paramLabel = "TOPIC", description = "Only those read from it.")
  private @Nullable String topic;

  @Option(names = "--state", paramLabel = "STATE", description = "open, retried or discarded.")
  private @Nullable String state;

  @Option(
      names = "--cause",
      paramLabel = "PART",
      description = "Only those with this in the cause.")
  private @Nullable String cause;

  DeadLetterList(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    List<JsonNode> letters =
        api()
            .list(
                new Query("/api/v1/dead-letters")
                    .with("topic", topic)
                    .with("state", state)
                    .with("cause", cause));
    if (isJson()) {
      printJson(letters);
      return ExitCode.DONE;
    }
    Table table = new Table("ID", "STATUS", "AT", "TOPIC", "PLACE", "CAUSE");
    for (JsonNode letter : letters) {
      table.row(
          letter.path("id").asText(),
          letter.path("state").asText(),
          letter.path("at").asText(),
          letter.path("topic").asText(),
          letter.path("partition").asText() + "@" + letter.path("offset").asText(),
          letter.path("cause").asText());
    }
    print(table);
    return ExitCode.DONE;
  }
}
