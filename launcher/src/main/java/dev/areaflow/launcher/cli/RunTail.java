package dev.areaflow.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
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
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

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
  int run() throws IOException, InterruptedException {
    Api api = api();
    Query query = filter.query(api);
    RunTable names = RunTable.of(api);
    List<JsonNode> there = news.of(api.list(query, PAGE));
    boolean isDone =
        print(there.subList(Math.max(0, there.size() - Math.max(0, last)), there.size()), names);
    Duration pause = INTERVAL;
    while (!isDone) {
      Thread.sleep(pause);
      try {
        List<JsonNode> found = news.of(newest(api, query));
        if (!found.stream().allMatch(names::knows)) {
          names.read(api);
        }
        isDone = print(found, names);
        pause = INTERVAL;
      } catch (IOException | RefusedException e) {
        pause = laterOrEnd(e, pause);
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

  /** A server that is away for the moment is waited for. */
  private Duration laterOrEnd(Exception e, Duration pause) throws IOException {
    if (e instanceof RefusedException refused && refused.exitCode() != ExitCode.UNAVAILABLE) {
      throw refused;
    }
    if (pause.equals(INTERVAL)) {
      OptionalInt _ = Failures.tell(e, commandLine());
    }
    Duration longer = pause.multipliedBy(2);
    return longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
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
