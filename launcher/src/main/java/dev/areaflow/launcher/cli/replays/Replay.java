package dev.areaflow.launcher.cli.replays;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.cli.backtests.BacktestLines;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Moment;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code area replay}. */
@Command(
    name = "replay",
    description = {
      "Show what an AREA, as it is now, would do with past events if they came once more; with"
          + " --live do it.",
      "Reactions that are not safe to repeat are skipped."
    })
final class Replay extends ServerCommand {
  @Parameters(paramLabel = "NAME", description = "The AREA's name, or its id.")
  private String name = "";

  @Option(names = "--live", description = "Really do it.")
  private boolean live;

  @Option(names = "--dry-run", description = "Show what it would do; so it is without --live.")
  private boolean dryRun;

  @Option(names = "--from", paramLabel = "TIME", description = "Events that arrived since: -7d, …")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "TIME", description = "Events that arrived before.")
  private @Nullable String to;

  @Option(names = "--event", paramLabel = "ID", description = "Instead of a time: these events.")
  private List<String> events = List.of();

  @Option(names = "--when", paramLabel = "CEL", description = "Events for which this holds, too.")
  private @Nullable String when;

  @Option(names = "--force", description = "Carry out what is not safe to repeat, too.")
  private boolean force;

  @Option(
      names = "--per-second",
      paramLabel = "N",
      description =
          "Events, or firings of a rule, within a second, 1 to 100; 10 where it is left out.")
  private @Nullable Integer perSecond;

  Replay(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    if (live && dryRun) {
      throw CommandFailure.usage("expected --live or --dry-run, not both");
    }
    Api api = api();
    String path = "/api/v1/areas/" + api.area(name).path("id").asText() + "/replay";
    if (!live) {
      BacktestLines lines = new BacktestLines(this);
      lines.show(lines.read(api, path, body("dryRun"), lines::showFiring));
      return ExitCode.DONE;
    }
    JsonNode replay = api.post(path, body("live"));
    if (isJson()) {
      printJson(replay);
    } else {
      String id = replay.path("id").asText();
      out().println("replay " + id + " was asked for; how far it is: area replays show " + id);
    }
    return ExitCode.DONE;
  }

  private ObjectNode body(String mode) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("mode", mode);
    put(body, "--from", "from", from);
    put(body, "--to", "to", to);
    if (!events.isEmpty()) {
      ArrayNode ids = body.putArray("eventIds");
      events.forEach(ids::add);
    }
    if (when != null) {
      body.put("when", when);
    }
    if (force) {
      body.put("force", true);
    }
    if (perSecond != null) {
      body.put("perSecond", perSecond);
    }
    return body;
  }

  private void put(ObjectNode body, String option, String field, @Nullable String time) {
    if (time != null) {
      body.put(field, Moment.of(option, time, surroundings().clock()).toString());
    }
  }
}
