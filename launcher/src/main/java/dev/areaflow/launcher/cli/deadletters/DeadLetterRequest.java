package dev.areaflow.launcher.cli.deadletters;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code area dead-letters retry} and {@code discard}. */
@Command
abstract sealed class DeadLetterRequest extends ServerCommand {
  private final String kind;

  @Parameters(
      paramLabel = "ID",
      arity = "0..*",
      description = "Places among the dead letters; else what --topic and --cause select.")
  private List<String> ids = List.of();

  @Option(names = "--topic", paramLabel = "TOPIC", description = "All that are open of this topic.")
  private @Nullable String topic;

  @Option(
      names = "--cause",
      paramLabel = "PART",
      description = "All that are open with this in the cause.")
  private @Nullable String cause;

  private DeadLetterRequest(Surroundings surroundings, String kind) {
    super(surroundings);
    this.kind = kind;
  }

  @Command(name = "retry", description = "Have records processed again, once. For admins.")
  static final class Retry extends DeadLetterRequest {
    Retry(Surroundings surroundings) {
      super(surroundings, "retry");
    }
  }

  @Command(name = "discard", description = "Let dead letters be. For admins.")
  static final class Discard extends DeadLetterRequest {
    Discard(Surroundings surroundings) {
      super(surroundings, "discard");
    }
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    boolean isFiltered = topic != null || cause != null;
    if (ids.isEmpty() == !isFiltered) {
      throw CommandFailure.usage("expected either ids, or --topic, --cause or both");
    }
    Api api = api();
    if (isFiltered) {
      many(api);
      return ExitCode.DONE;
    }
    for (String id : ids) {
      JsonNode letter = api.post("/api/v1/dead-letters/" + Query.encoded(id) + "/" + kind);
      if (isJson()) {
        printLine(letter);
      } else {
        out().println(id + ": " + letter.path("state").asText());
      }
    }
    return ExitCode.DONE;
  }

  private void many(Api api) throws IOException, InterruptedException {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("kind", kind);
    ObjectNode filter = body.putObject("filter");
    if (topic != null) {
      filter.put("topic", topic);
    }
    if (cause != null) {
      filter.put("cause", cause);
    }
    long changed = 0;
    JsonNode answer;
    do {
      answer = api.post("/api/v1/dead-letters/requests", body);
      changed += answer.path("changed").asLong();
    } while (answer.path("more").asBoolean());
    if (isJson()) {
      printJson(JsonNodeFactory.instance.objectNode().put("kind", kind).put("changed", changed));
    } else {
      out().println(kind + ": " + changed + " dead letters");
    }
  }
}
