package dev.areaflow.launcher.endtoend;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * AREAs on one hook, as a {@link Ledger} wants them: three match every event, one of them with a
 * delay, one matches none. Each posts the event's id to the sink, to the path of its name. One more
 * posts it for each item of a list, one collects every event and posts the ids of several, and the
 * last posts it when the event came to a second hook after the first.
 */
final class LedgerAreas {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DELAYING = "delaying";
  private static final Set<String> MATCHING = Set.of("first", "second", DELAYING);
  private static final String FILTERING = "filtering";
  private static final String SPREADING = "spreading";
  private static final List<String> ITEMS = List.of("a", "b", "c");
  private static final String DIGESTING = "digesting";
  private static final String SEQUENCING = "sequencing";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** A call in flight at a fault started at most this long before; the sink answers at once. */
  private static final Duration IN_FLIGHT = Duration.ofSeconds(5);

  private final AreaClient owner;
  private final RecordingSink sink;
  private final URI hook;
  private final URI second;
  private final Map<String, String> idOf = new LinkedHashMap<>();
  private final Ledger ledger = new Ledger(MATCHING);

  /** Makes them and returns when all are live. */
  LedgerAreas(AreaClient owner, RecordingSink sink) throws IOException, InterruptedException {
    this.owner = owner;
    this.sink = sink;
    JsonNode first = Areas.createLive(owner, posting("first"));
    idOf.put("first", first.path("id").asText());
    this.hook = Areas.hookUrl(first);
    createOn(first, posting("second"));
    createOn(first, posting(FILTERING).put("when", "event.id == 'none'"));
    createOn(first, delaying());
    createOn(first, spreading());
    createOn(first, digesting());
    JsonNode sequencing =
        Areas.createLive(owner, sequencing(first.path("hook").path("id").asText()));
    idOf.put(SEQUENCING, sequencing.path("id").asText());
    this.second = URI.create(sequencing.path("hooks").path(1).path("url").asText());
  }

  private void createOn(JsonNode first, ObjectNode area) throws IOException, InterruptedException {
    area.withObject("/action").put("hook", first.path("hook").path("id").asText()).remove("inputs");
    JsonNode created = Areas.createLive(owner, area);
    idOf.put(area.path("name").asText(), created.path("id").asText());
  }

  private ObjectNode posting(String name) {
    return Areas.posting(
        name,
        "webhook",
        "received",
        Areas.inputs(),
        sink.address("/" + name),
        JsonNodeFactory.instance.textNode("${event.id}"));
  }

  private ObjectNode delaying() {
    ObjectNode area = posting(DELAYING);
    reaction(area).put("delay", "PT5S");
    return area;
  }

  /** One call for each item, to a path of its own. */
  private ObjectNode spreading() {
    ObjectNode area = posting(SPREADING);
    reaction(area).putObject("forEach").put("in", "['a', 'b', 'c']").put("concurrency", 2);
    reaction(area).withObject("/inputs").put("url", sink.address("/" + SPREADING) + "-${item}");
    return area;
  }

  private static ObjectNode reaction(ObjectNode area) {
    return (ObjectNode) area.path("reactions").path(0);
  }

  private ObjectNode digesting() {
    ObjectNode area =
        Areas.posting(
            DIGESTING,
            "webhook",
            "received",
            Areas.inputs(),
            sink.address("/" + DIGESTING),
            JsonNodeFactory.instance.textNode("${events.map(e, e.payload.id)}"));
    area.withObject("/rule/digest").put("every", "PT5S").put("n", 50);
    return area;
  }

  /** An event, and the same at another hook after it. */
  private ObjectNode sequencing(String firstHook) {
    ObjectNode area = posting(SEQUENCING);
    area.remove("action");
    ArrayNode actions = area.putArray("actions");
    action(actions, "before").put("hook", firstHook);
    action(actions, "after").putObject("inputs");
    ObjectNode rule = area.putObject("rule").put("by", "event.id");
    ArrayNode members = rule.putObject("sequence").put("within", "PT1H").putArray("members");
    members.addObject().put("of", "before");
    members.addObject().put("of", "after");
    return area;
  }

  private static ObjectNode action(ArrayNode actions, String id) {
    return actions.addObject().put("id", id).put("service", "webhook").put("action", "received");
  }

  /** Where each event goes that {@link #hook} has accepted. */
  URI second() {
    return second;
  }

  /** Where deliveries go. */
  URI hook() {
    return hook;
  }

  Ledger ledger() {
    return ledger;
  }

  /** Waits until the ledger agrees with the run log and the sink, and returns what does not. */
  List<String> settledViolations() {
    return Await.untilSettled("the ledger to agree", PATIENCE, this::violations, List::isEmpty);
  }

  private List<String> violations() throws IOException, InterruptedException {
    List<Ledger.Run> runs = new ArrayList<>();
    for (String name : idOf.keySet()) {
      if (!Set.of(DIGESTING, SPREADING, SEQUENCING).contains(name)) {
        runs.addAll(runs(name));
      }
    }
    List<String> violations = ledger.violations(runs, calls(), IN_FLIGHT);
    violations.addAll(ledger.violationsOfDigests(digests()));
    for (String item : ITEMS) {
      violations.addAll(ledger.violationsOfDigests(singly("/" + SPREADING + "-" + item)));
    }
    violations.addAll(ledger.violationsOfDigests(singly("/" + SEQUENCING)));
    return violations;
  }

  /** The event of each command to a path, by the command's id. */
  private Map<String, List<String>> singly(String path) {
    Map<String, List<String>> events = new LinkedHashMap<>();
    sink.calls().stream()
        .filter(call -> call.path().equals(path))
        .forEach(call -> events.put(call.key(), List.of(call.body().replace("\"", ""))));
    return events;
  }

  /** The ids of the events of each digest, by its command's id. */
  Map<String, List<String>> digests() {
    Map<String, List<String>> digests = new LinkedHashMap<>();
    sink.calls().stream()
        .filter(call -> call.path().equals("/" + DIGESTING))
        .forEach(call -> digests.put(call.key(), texts(call.body())));
    return digests;
  }

  private static List<String> texts(String json) {
    try {
      List<String> texts = new ArrayList<>();
      JSON.readTree(json).forEach(text -> texts.add(text.asText()));
      return texts;
    } catch (JsonProcessingException e) {
      throw new AssertionError("expected the ids of a digest, found " + json, e);
    }
  }

  /** The body of a reaction is the JSON text of the event's id. */
  List<RecordingSink.Call> calls() {
    return sink.calls().stream()
        .filter(call -> !call.path().equals("/" + DIGESTING))
        .filter(call -> !call.path().startsWith("/" + SPREADING))
        .filter(call -> !call.path().equals("/" + SEQUENCING))
        .map(
            call ->
                new RecordingSink.Call(
                    call.method(),
                    call.path(),
                    call.key(),
                    call.body().replace("\"", ""),
                    call.at()))
        .toList();
  }

  /** What became of an event at each of them, sorted. */
  List<String> verdicts(String eventId) throws IOException, InterruptedException {
    JsonNode event = owner.get("/api/v1/events/" + eventId).expecting(200).body();
    List<String> results = new ArrayList<>();
    event.path("verdicts").forEach(verdict -> results.add(verdict.path("result").asText()));
    return results.stream().sorted().toList();
  }

  private List<Ledger.Run> runs(String name) throws IOException, InterruptedException {
    List<Ledger.Run> runs = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    String path = "/api/v1/runs?limit=200&area=" + idOf.get(name);
    String next = "";
    do {
      JsonNode page = owner.get(path + next).expecting(200).body();
      for (JsonNode run : page.path("items")) {
        String id = run.path("id").asText();
        if (seen.add(id)) {
          runs.add(
              new Ledger.Run(id, name, run.path("eventId").asText(), run.path("status").asText()));
        }
      }
      JsonNode cursor = page.path("next");
      next = cursor.isTextual() ? "&cursor=" + cursor.asText() : "";
    } while (!next.isEmpty());
    return runs;
  }
}
