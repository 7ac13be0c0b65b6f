package dev.areaflow.launcher.cli.replays;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code area replays show}, {@code cancel} and {@code resume}. */
@Command
abstract sealed class ReplayRequest extends ServerCommand {
  @Parameters(paramLabel = "ID", description = "The replay's id.")
  private String id = "";

  private ReplayRequest(Surroundings surroundings) {
    super(surroundings);
  }

  /** The replay, after what is asked of it. */
  abstract JsonNode ask(Api api, String path) throws IOException, InterruptedException;

  @Command(name = "show", description = "Show how far a replay is.")
  static final class Show extends ReplayRequest {
    Show(Surroundings surroundings) {
      super(surroundings);
    }

    @Override
    JsonNode ask(Api api, String path) throws IOException, InterruptedException {
      return api.get(path);
    }
  }

  @Command(name = "cancel", description = "Stop a replay; what it sent already goes on.")
  static final class Cancel extends ReplayRequest {
    Cancel(Surroundings surroundings) {
      super(surroundings);
    }

    @Override
    JsonNode ask(Api api, String path) throws IOException, InterruptedException {
      return api.post(path + "/cancel");
    }
  }

  @Command(name = "resume", description = "Let a replay go on that was cancelled, or failed.")
  static final class Resume extends ReplayRequest {
    Resume(Surroundings surroundings) {
      super(surroundings);
    }

    @Override
    JsonNode ask(Api api, String path) throws IOException, InterruptedException {
      return api.post(path + "/resume");
    }
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    JsonNode replay = ask(api(), "/api/v1/replays/" + Query.encoded(id));
    if (isJson()) {
      printJson(replay);
    } else {
      print(ReplayList.table(List.of(replay)));
      if (foundNothing(replay)) {
        out().println("It found nothing to send; area replay without --live shows what there is.");
      }
    }
    return ExitCode.DONE;
  }

  private static boolean foundNothing(JsonNode replay) {
    return replay.path("status").asText().equals("finished")
        && replay.path("sent").asLong() == 0
        && replay.path("skipped").asLong() == 0;
  }
}
