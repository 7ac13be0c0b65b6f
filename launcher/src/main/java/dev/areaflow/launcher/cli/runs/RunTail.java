package dev.areaflow.launcher.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.Pace;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.server.RefusedException;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code area runs tail}. */
@Command(
    name = "tail",
    description = {
      "Print a line for each run that begins, and for each change of its status, until Ctrl-C.",
      "With --json a line is the run. Changes are seen of the newest 50 runs."
    })
final class RunTail extends ServerCommand {
  private static final int PAGE = 50;
  private static final int MOST_PAGES = 20;

  @Mixin private final RunFilter filter;

  @Option(
      names = "--last",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "How many of those that are there already come first, default ${DEFAULT-VALUE}.")
  private int last;

  @Option(names = "--count", paramLabel = "N", description = "End after so many lines.")
  private int count;

  private final RunNews news = new RunNews();
  private int printed;

  RunTail(Surroundings surroundings) {
    super(surroundings);
    this.filter = new RunFilter(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    Api api = api();
    Query query = filter.query(api);
    RunTable names = RunTable.of(api);
    List<JsonNode> there = news.of(api.list(query, PAGE));
    boolean isDone =
        print(there.subList(Math.max(0, there.size() - Math.max(0, last)), there.size()), names);
    Pace pace = new Pace(commandLine());
    while (!isDone) {
      pace.pause();
      try {
        List<JsonNode> found = news.of(newest(api, query));
        if (!found.stream().allMatch(names::knows)) {
          names.read(api);
        }
        isDone = print(found, names);
        pace.answered();
      } catch (IOException | RefusedException e) {
        pace.failed(e);
      }
    }
    return ExitCode.DONE;
  }

  /** The newest runs, as far back as what is known already. */
  private List<JsonNode> newest(Api api, Query query) throws IOException, InterruptedException {
    List<JsonNode> runs = new ArrayList<>();
    int most = PAGE;
    do {
      runs.clear();
      runs.addAll(api.list(query, most));
      most += PAGE;
    } while (runs.size() == most - PAGE
        && runs.stream().noneMatch(news::knows)
        && most <= MOST_PAGES * PAGE);
    return runs;
  }

  /** Prints lines; whether there were enough. */
  private boolean print(List<JsonNode> runs, RunTable names) {
    for (JsonNode run : runs) {
      if (isJson()) {
        printLine(run);
      } else {
        out().println(names.line(run, palette()));
      }
      printed++;
      if (printed == count) {
        return true;
      }
    }
    out().flush();
    return false;
  }
}
