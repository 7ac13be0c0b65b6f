package dev.areaflow.launcher.cli.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is new in the list of a hook's events since it was read last. For one thread. */
final class EventNews {
  /** Beyond it the oldest are forgotten; what is read of a list at a time is shorter. */
  private static final int MOST_REMEMBERED = 5_000;

  private final Set<Identity> known =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Identity, Boolean> eldest) {
              return size() > MOST_REMEMBERED;
            }
          });

  /** An event that is delivered again has the same id, and another time. */
  private record Identity(String id, String receivedAt, int generation) {
    static Identity of(JsonNode event) {
      return new Identity(
          event.path("id").asText(),
          event.path("receivedAt").asText(),
          event.path("generation").asInt());
    }
  }

  /** Whether the event was in the list before. */
  boolean knows(JsonNode event) {
    return known.contains(Identity.of(event));
  }

  /**
   * Takes the newest of the list, and gives what is new in it, the oldest first.
   *
   * @param events the newest first
   */
  List<JsonNode> of(List<JsonNode> events) {
    List<JsonNode> news = new ArrayList<>();
    for (JsonNode event : events.reversed()) {
      if (known.add(Identity.of(event))) {
        news.add(event);
      }
    }
    return Collections.unmodifiableList(news);
  }
}
