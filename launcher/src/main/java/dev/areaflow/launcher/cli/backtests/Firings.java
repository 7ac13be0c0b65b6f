package dev.areaflow.launcher.cli.backtests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a backtest fired, by the events that made it fire. For one thread. */
final class Firings {
  private final Map<List<String>, JsonNode> byEvents = new LinkedHashMap<>();

  /** A firing that two backtests do not have alike. */
  sealed interface Move {
    /** The firing, as the API told it. */
    JsonNode firing();

    /** The firing as a line of the kind that it is here. */
    ObjectNode toJson();

    /** Only the second has it. */
    record Came(JsonNode firing) implements Move {
      @Override
      public ObjectNode toJson() {
        return typed(firing, "came");
      }
    }

    /** Only the first has it. */
    record Went(JsonNode firing) implements Move {
      @Override
      public ObjectNode toJson() {
        return typed(firing, "went");
      }
    }

    /** Both have it, with other commands. */
    record Changed(JsonNode before, JsonNode firing) implements Move {
      @Override
      public ObjectNode toJson() {
        ObjectNode json = typed(firing, "changed");
        json.set("before", before.path("commands"));
        return json;
      }
    }

    private static ObjectNode typed(JsonNode firing, String type) {
      return ((ObjectNode) firing.deepCopy()).put("type", type);
    }
  }

  /** Takes a line of the kind {@code firing}. */
  void add(JsonNode firing) {
    List<String> events = new ArrayList<>();
    firing.path("eventIds").forEach(id -> events.add(id.asText()));
    if (events.isEmpty()) {
      events.add(firing.path("at").asText()); // it fired because nothing came
    }
    byEvents.put(events, firing);
  }

  int size() {
    return byEvents.size();
  }

  /** What is otherwise in the later ones, in the order of time. */
  List<Move> movesTo(Firings later) {
    List<Move> moves = new ArrayList<>();
    byEvents.forEach(
        (events, before) -> {
          JsonNode after = later.byEvents.get(events);
          if (after == null) {
            moves.add(new Move.Went(before));
          } else if (!before.path("commands").equals(after.path("commands"))) {
            moves.add(new Move.Changed(before, after));
          }
        });
    later.byEvents.forEach(
        (events, after) -> {
          if (!byEvents.containsKey(events)) {
            moves.add(new Move.Came(after));
          }
        });
    moves.sort(Comparator.comparing(move -> move.firing().path("at").asText()));
    return moves;
  }
}
