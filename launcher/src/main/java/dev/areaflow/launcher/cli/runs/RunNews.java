package dev.areaflow.launcher.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is new in a list of runs since it was read last: runs, and changes of their status. For one
 * thread.
 */
final class RunNews {
  /** Beyond it the oldest are forgotten; a page of the list is far shorter. */
  private static final int MOST_REMEMBERED = 10_000;

  private final Map<String, String> states =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  /** Whether the run was in a list before. */
  boolean knows(JsonNode run) {
    return states.containsKey(run.path("id").asText());
  }

  /**
   * Takes a list, and gives what is new in it, the oldest first.
   *
   * @param runs the newest first
   */
  List<JsonNode> of(List<JsonNode> runs) {
    List<JsonNode> news = new ArrayList<>();
    for (JsonNode run : runs.reversed()) {
      String id = run.path("id").asText();
      String status = run.path("status").asText();
      if (!status.equals(states.put(id, status))) {
        news.add(run);
      }
    }
    return Collections.unmodifiableList(news);
  }
}
