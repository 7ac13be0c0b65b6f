package dev.areaflow.launcher.cli.events;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.launcher.cli.server.Api;
import dev.areaflow.launcher.cli.server.Query;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which events a command is about. */
final class EventFilter {
  @Option(
      names = "--area",
      paramLabel = "NAME",
      description = "Events that this AREA listens to; its name or id.")
  private @Nullable String area;

  @Option(
      names = "--hook",
      paramLabel = "ID",
      description = "Events of this hook, also of one deleted in the last 30 days.")
  private @Nullable String hook;

  @Option(names = "--service", paramLabel = "ID", description = "Events of this service.")
  private @Nullable String service;

  @Option(
      names = "--action",
      paramLabel = "ID",
      description = "Events of this action; of one service with --service.")
  private @Nullable String action;

  /** What was given, by option. */
  Map<String, String> given() {
    Map<String, String> given = new TreeMap<>();
    put(given, "--area", area);
    put(given, "--hook", hook);
    put(given, "--service", service);
    put(given, "--action", action);
    return given;
  }

  private static void put(Map<String, String> given, String option, @Nullable String value) {
    if (value != null) {
      given.put(option, value);
    }
  }

  /** Ids of the hooks that may have such events. */
  List<String> hooks(Api api) throws IOException, InterruptedException {
    if (area != null && hook != null) {
      throw CommandFailure.usage("expected either --area or --hook, found both");
    }
    if (hook != null) {
      return List.of(hook);
    }
    List<String> ids = new ArrayList<>();
    if (area != null) {
      JsonNode found = api.area(area);
      add(ids, found.path("hook"));
      found.path("hooks").forEach(each -> add(ids, each));
    } else {
      for (JsonNode each : api.list(new Query("/api/v1/hooks"))) {
        if (accepts(each)) {
          add(ids, each);
        }
      }
    }
    return ids.stream().distinct().toList();
  }

  private static void add(List<String> ids, JsonNode hook) {
    if (hook.path("id").isTextual()) {
      ids.add(hook.path("id").asText());
    }
  }

  /** The list of the events of a hook. */
  static Query query(String hook) {
    return new Query("/api/v1/events").with("hook", hook);
  }

  /** Whether an event, or a hook, is of the service and the action. */
  boolean accepts(JsonNode eventOrHook) {
    return isOf(service, eventOrHook.path("service")) && isOf(action, eventOrHook.path("action"));
  }

  private static boolean isOf(@Nullable String wanted, JsonNode found) {
    return wanted == null || wanted.equals(found.asText());
  }
}
