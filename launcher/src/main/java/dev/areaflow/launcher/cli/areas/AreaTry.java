package dev.areaflow.launcher.cli.areas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.RefusedException;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.definitions.NormalForm;
import dev.areaflow.launcher.definitions.WrittenArea;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code area areas try}. */
@Command(
    name = "try",
    description = {
      "Show what AREAs would do with an event, without doing it.",
      "The exit code is 1 where a condition or a request cannot be evaluated."
    })
final class AreaTry extends ServerCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Parameters(
      paramLabel = "NAME",
      arity = "0..1",
      description = "Name or id of an AREA of the server; else -f.")
  private @Nullable String name;

  @Mixin private final FileOptions files;

  @Option(
      names = "--event",
      paramLabel = "FILE",
      description = "JSON that would be delivered; else the sample of the action.")
  private @Nullable Path event;

  @Option(
      names = "--of",
      paramLabel = "ACTION",
      description = "Of an AREA with several actions, the one that it is an event of.")
  private @Nullable String of;

  AreaTry(Surroundings surroundings) {
    super(surroundings);
    this.files = new FileOptions(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    Api api = api();
    if (name != null) {
      JsonNode area = api.area(name);
      return show(name, api.post("/api/v1/areas/try", body(NormalForm.of((ObjectNode) area))));
    }
    int exitCode = ExitCode.DONE;
    for (WrittenArea area : files.read()) {
      try {
        int shown = show(area.name(), api.post("/api/v1/areas/try", body(area.definition())));
        exitCode = Math.max(exitCode, shown);
      } catch (RefusedException e) {
        throw FileOptions.told(e, area);
      }
    }
    return exitCode;
  }

  private ObjectNode body(ObjectNode definition) throws IOException {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.set("definition", definition);
    if (event != null) {
      try {
        body.set("event", JSON.readTree(Files.readAllBytes(event)));
      } catch (JsonProcessingException e) {
        throw CommandFailure.of(
            event + ":" + e.getLocation().getLineNr() + ": " + e.getOriginalMessage());
      }
    }
    if (of != null) {
      body.put("of", of);
    }
    return body;
  }

  private int show(String area, JsonNode trial) {
    if (isJson()) {
      printLine(((ObjectNode) trial).put("name", area));
      return exitCode(trial);
    }
    JsonNode verdict = trial.path("verdict");
    String result = verdict.path("result").asText();
    out()
        .println(
            Printable.of(area)
                + ": "
                + palette().state(result)
                + detail(", ", verdict.path("detail")));
    if (event == null && !result.equals("matched")) {
      out().println("  that is the sample of its action; --event FILE tries what you deliver");
    }
    for (JsonNode request : trial.path("requests")) {
      out()
          .println(
              "  "
                  + request.path("id").asText()
                  + "  "
                  + request.path("method").asText("")
                  + " "
                  + Printable.of(request.path("url").asText(""))
                  + detail("skipped: ", request.path("skipped"))
                  + detail("error: ", request.path("error")));
      if (!request.path("body").isMissingNode() && !request.path("body").isNull()) {
        out().println("    " + Printable.of(request.path("body").toString()));
      }
    }
    return exitCode(trial);
  }

  private static String detail(String before, JsonNode detail) {
    return detail.isTextual() ? before + Printable.of(detail.textValue()) : "";
  }

  private static int exitCode(JsonNode trial) {
    boolean isWrong =
        trial.path("verdict").path("result").asText().equals("error")
            || trial.path("requests").findValue("error") != null;
    return isWrong ? ExitCode.FAILED : ExitCode.DONE;
  }
}
