package dev.areaflow.launcher.cli.events;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.Pace;
import dev.areaflow.launcher.cli.server.RefusedException;
import dev.areaflow.launcher.cli.server.ServerCommand;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import dev.areaflow.launcher.cli.terminal.Printable;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code area events tail}. */
@Command(
    name = "tail",
    description = {
      "Print a line for each event that comes in, until Ctrl-C.",
      "With --json a line is the event."
    })
final class EventTail extends ServerCommand {
  private static final int PAGE = 50;
  private static final int MOST_PAGES = 20;
  private static final Duration HOOKS_KNOWN_FOR = Duration.ofSeconds(30);

  @Mixin private final EventFilter filter = new EventFilter();

  @Option(
      names = "--last",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "How many of those that are there already come first, default ${DEFAULT-VALUE}.")
  private int last;

  @Option(names = "--count", paramLabel = "N", description = "End after so many lines.")
  private int count;

  private final Map<String, EventNews> news = new HashMap<>();
  private List<String> hooks = List.of();
  private long hooksReadAt;
  private int printed;

  EventTail(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  protected int run() throws IOException, InterruptedException {
    Api api = api();
    readHooks(api);
    List<JsonNode> there = newest(api);
    boolean isDone =
        print(there.subList(Math.max(0, there.size() - Math.max(0, last)), there.size()));
    Pace pace = new Pace(commandLine());
    while (!isDone) {
      pace.pause();
      try {
        if (System.nanoTime() - hooksReadAt > HOOKS_KNOWN_FOR.toNanos()) {
          readHooks(api);
        }
        isDone = print(newest(api));
        pace.answered();
      } catch (IOException | RefusedException e) {
        pace.failed(e);
      }
    }
    return ExitCode.DONE;
  }

  private void readHooks(Api api) throws IOException, InterruptedException {
    hooks = filter.hooks(api);
    hooksReadAt = System.nanoTime();
  }

  /** What is new at all hooks, the oldest first. */
  private List<JsonNode> newest(Api api) throws IOException, InterruptedException {
    Map<String, List<JsonNode>> read = new LinkedHashMap<>();
    for (String hook : hooks) {
      read.put(hook, newest(api, hook));
    }
    // only now, as a call that fails must not make news of other hooks known and unprinted
    List<JsonNode> found = new ArrayList<>();
    read.forEach((hook, events) -> found.addAll(newsOf(hook).of(events)));
    return found.stream()
        .filter(filter::accepts)
        .sorted(Comparator.comparing(event -> Instant.parse(event.path("receivedAt").asText())))
        .toList();
  }

  /** The newest events of a hook, as far back as what is known already. */
  private List<JsonNode> newest(Api api, String hook) throws IOException, InterruptedException {
    boolean isFirst = !news.containsKey(hook);
    List<JsonNode> events = new ArrayList<>();
    JsonNode page = api.page(EventFilter.query(hook), PAGE, null);
    page.path("items").forEach(events::add);
    for (int pages = 1; !isFirst && pages < MOST_PAGES && isAllNew(hook, page); pages++) {
      page = api.page(EventFilter.query(hook), PAGE, page.path("next").textValue());
      page.path("items").forEach(events::add);
    }
    return events;
  }

  private boolean isAllNew(String hook, JsonNode page) {
    EventNews known = newsOf(hook);
    List<JsonNode> events = new ArrayList<>();
    page.path("items").forEach(events::add);
    return page.path("next").isTextual()
        && !events.isEmpty()
        && events.stream().noneMatch(known::knows);
  }

  private EventNews newsOf(String hook) {
    return news.computeIfAbsent(hook, _ -> new EventNews());
  }

  /** Prints lines; whether there were enough. */
  private boolean print(List<JsonNode> events) {
    for (JsonNode event : events) {
      if (isJson()) {
        printLine(event);
      } else {
        out().println(line(event));
      }
      printed++;
      if (printed == count) {
        return true;
      }
    }
    out().flush();
    return false;
  }

  private static String line(JsonNode event) {
    return "%s  %s.%s  %s  %s"
        .formatted(
            event.path("receivedAt").asText(),
            event.path("service").asText(),
            event.path("action").asText(),
            Printable.of(event.path("id").asText()),
            Printable.brief(event.path("payload")));
  }
}
