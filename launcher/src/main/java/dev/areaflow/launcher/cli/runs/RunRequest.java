package dev.areaflow.launcher.cli.runs;

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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code area runs cancel}, {@code retry} and {@code rerun}. */
@Command
abstract sealed class RunRequest extends ServerCommand {
  private final String kind;

  @Parameters(
      paramLabel = "ID",
      arity = "0..*",
      description = "Ids of runs; else what --area, --status, --from and --to select.")
  private List<String> ids = List.of();

  @Mixin private final RunFilter filter;

  @Option(
      names = "--error-class",
      paramLabel = "CLASS",
      description = "Runs that failed so: retryable, permanent, reauthorize, unconfirmed.")
  private @Nullable String errorClass;

  @Option(names = "--step", paramLabel = "ID", description = "Runs of which this reaction failed.")
  private @Nullable String step;

  private RunRequest(Surroundings surroundings, String kind) {
    super(surroundings);
    this.kind = kind;
    this.filter = new RunFilter(surroundings);
  }

  @Command(name = "cancel", description = "End runs that are queued or running.")
  static final class Cancel extends RunRequest {
    Cancel(Surroundings surroundings) {
      super(surroundings, "cancel");
    }
  }

  @Command(name = "retry", description = "Let runs go on where they failed.")
  static final class Retry extends RunRequest {
    Retry(Surroundings surroundings) {
      super(surroundings, "retry");
    }
  }

  @Command(name = "rerun", description = "Decide on the events of runs anew, by the AREA as it is.")
  static final class Rerun extends RunRequest {
    Rerun(Surroundings surroundings) {
      super(surroundings, "rerun");
    }
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    boolean isFiltered = !filter.isEmpty() || errorClass != null || step != null;
    if (ids.isEmpty() == !isFiltered) {
      throw CommandFailure.usage(
          "expected either ids, or at least one of --area, --status, --from,"
              + " --to, --error-class and --step");
    }
    Api api = api();
    if (isFiltered) {
      many(api);
      return ExitCode.DONE;
    }
    for (String id : ids) {
      JsonNode answer = api.post("/api/v1/runs/" + Query.encoded(id) + "/" + kind);
      if (isJson()) {
        printLine(answer);
      } else {
        out().println(id + ": " + kind + " was asked for");
      }
    }
    return ExitCode.DONE;
  }

  private void many(Api api) throws IOException, InterruptedException {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("kind", kind);
    ObjectNode selected = filter.body(api);
    if (errorClass != null) {
      selected.put("errorClass", errorClass);
    }
    if (step != null) {
      selected.put("step", step);
    }
    body.set("filter", selected);
    long requested = 0;
    JsonNode next;
    do {
      JsonNode answer = api.post("/api/v1/runs/requests", body);
      requested += answer.path("requested").asLong();
      next = answer.path("next");
      body.set("cursor", next);
    } while (next.isTextual());
    if (isJson()) {
      printJson(
          JsonNodeFactory.instance.objectNode().put("kind", kind).put("requested", requested));
    } else {
      out().println(kind + " was asked for " + requested + " runs");
    }
  }
}
