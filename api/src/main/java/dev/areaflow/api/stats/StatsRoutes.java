package dev.areaflow.api.stats;

import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.stats.StatsQuery.By;
import dev.areaflow.api.stats.StatsQuery.Group;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Figures over HTTP. */
public final class StatsRoutes implements Routes {
  private static final int MOST_ITEMS = 10_000;

  private final Stats stats;
  private final Clock clock;

  public StatsRoutes(Stats stats, Clock clock) {
    this.stats = stats;
    this.clock = clock;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get("/api/v1/stats", Scope.RUNS_READ, this::show)
            .parameters("from", "to", "by", "areaId", "service", "group"));
  }

  private Answer show(Call call) {
    StatsQuery query = query(call);
    SortedMap<Figures.Key, Figures> found = stats.read(call.caller().userId(), query, MOST_ITEMS);
    if (found.size() > MOST_ITEMS) {
      throw Problem.parameter(
          "from",
          "the answer would have more than "
              + MOST_ITEMS
              + " items; take a shorter time, by=day, another group, or one areaId");
    }
    List<Map<String, @Nullable Object>> items = new ArrayList<>();
    found.forEach((key, figures) -> items.add(json(query.group(), key, figures)));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("by", text(query.by()));
    body.put("group", text(query.group()));
    body.put("from", query.from());
    body.put("to", query.to());
    body.put("items", items);
    return Answer.ok(body);
  }

  private StatsQuery query(Call call) {
    By by = call.query("by", text -> read(By.values(), text)).orElse(By.HOUR);
    Group group = call.query("group", text -> read(Group.values(), text)).orElse(Group.NONE);
    Instant to = by.ceiling(call.queryTime("to").orElseGet(clock::instant));
    Instant from = by.floor(call.queryTime("from").orElse(to.minus(by.usual())));
    if (!from.isBefore(to)) {
      throw Problem.parameter("from", "expected a time before " + to);
    }
    if (Duration.between(from, to).compareTo(by.longest()) > 0) {
      throw Problem.parameter(
          "from",
          "expected at most "
              + by.longest().toDays()
              + " days before "
              + to
              + (by == By.HOUR ? "; for a longer time take by=day" : ""));
    }
    return new StatsQuery(by, group, from, to, call.queryId("areaId"), call.query("service"));
  }

  private static <E extends Enum<E>> E read(E[] values, String text) {
    return Arrays.stream(values)
        .filter(value -> text(value).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected one of "
                        + Arrays.stream(values)
                            .map(StatsRoutes::text)
                            .collect(Collectors.joining(", "))));
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, @Nullable Object> json(Group group, Figures.Key key, Figures figures) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("time", key.time());
    switch (group) {
      case NONE -> {}
      case AREA -> json.put("areaId", key.of());
      case SERVICE -> json.put("service", key.of().isEmpty() ? null : key.of());
    }
    json.put("deliveries", figures.deliveries());
    json.put("events", figures.events());
    json.put("matches", figures.matches());
    json.put("runs", figures.runs());
    json.put("latency", figures.latency());
    return json;
  }
}
