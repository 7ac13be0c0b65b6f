package dev.areaflow.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.client.AreaClient;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code area bench services}: many polled hooks on one machine. */
@Command(
    name = "services",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measure polling: the real program in a temporary data directory, with one AREA for each of",
      "many JSON lists, each polled once a minute. Lists and sink are processes of their own on this",
      "machine; everything stays on 127.0.0.1. Takes --minutes, six minutes, and what the AREAs",
      "take to be made; progress goes to standard error, the table to standard output."
    })
final class ServicesBenchCommand extends MeasuringCommand {
  private static final String SMALL_HEAP = "192m";
  private static final Duration STARTED = Duration.ofMinutes(1);
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  /** After its first poll a hook may wait for up to one and a half intervals. */
  private static final Duration SETTLE = INTERVAL.multipliedBy(2);

  private static final Duration DRAIN = Duration.ofMinutes(3);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int MINUTES_AN_ITEM = 5;
  private static final int MAKERS = 8;
  private static final int PAGE = 200;

  @Option(
      names = "--hooks",
      defaultValue = "10000",
      description = "How many hooks are polled, 1 to 50000; default ${DEFAULT-VALUE}.")
  private int hooks;

  @Option(
      names = "--minutes",
      defaultValue = "10",
      description = "How long is measured, 1 to 25; default ${DEFAULT-VALUE}.")
  private int minutes;

  @Option(
      names = "--heap",
      defaultValue = "512m",
      description = "Java heap of the measured program; default ${DEFAULT-VALUE}, as in area up.")
  private String heap = "";

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Override
  Optional<String> problem() {
    // later hooks without news are polled more seldom
    return outside("--hooks", 1, 50_000, hooks).or(() -> outside("--minutes", 1, 25, minutes));
  }

  @Override
  String measure(Workshop workshop) throws IOException, InterruptedException {
    ChildProcess sink = workshop.child("sink", SMALL_HEAP, List.of("sink"));
    ChildProcess lists =
        workshop.child("lists", SMALL_HEAP, List.of("lists", Integer.toString(hooks)));
    String sinkHost = "127.0.0.1:" + sink.awaitLine(line -> true, STARTED).strip();
    String listHost = "127.0.0.1:" + lists.awaitLine(line -> true, STARTED).strip();
    workshop.progress("area up: starting");
    AreaProcess area =
        workshop.area(workshop.directory().resolve("data"), heap, sinkHost + "," + listHost);
    AreaClient user = area.signUp();
    workshop.progress("area up: ready; making " + hooks + " AREAs");
    List<String> ids = make(user, listHost, sinkHost);
    workshop.progress("all AREAs are made; waiting for the first poll of each");
    awaitPolled(user);
    workshop.progress("each was polled; waiting until each has come to its own turn");
    Thread.sleep(SETTLE); // a hook may skip the turn right after its first poll

    ProcessTree.Memory memory = ProcessTree.Memory.NONE;
    ProcessTree processes = area.processes();
    int rounds = Math.max(1, minutes / MINUTES_AN_ITEM);
    Duration length = Duration.ofMinutes(minutes);
    workshop.progress("measuring " + minutes + " minutes");
    long from = DeliveryId.nowMicros();
    Duration before = processes.processorTime();
    long since = System.nanoTime();
    lists.ask("grow " + rounds + " " + length.dividedBy(rounds), ANSWER);
    while (System.nanoTime() - since < length.toNanos()) {
      memory = memory.max(processes.memory());
      Thread.sleep(PAUSE); // the measured time itself
    }
    Duration used = processes.processorTime().minus(before);
    double processors = (double) used.toNanos() / (System.nanoTime() - since);
    long to = DeliveryId.nowMicros();

    workshop.progress("waiting for what is on its way");
    long items = (long) hooks * rounds;
    awaitTurns(since, length);
    SinkStatus arrived = drain(sink, items);
    long[][] times = Wire.read(lists.ask("times", ANSWER), long[][].class);
    Polls polls = polls(user, ids);
    ServicesReport report =
        new ServicesReport(
            Machine.here(),
            hooks,
            minutes,
            Punctuality.of(times, polls.turns(), INTERVAL.toNanos() / 1_000, from, to),
            polls.failing(),
            items,
            Math.max(0, items - arrived.arrived()),
            arrived.repeated(),
            arrived.eventToReaction(),
            processors,
            memory);
    return json ? Wire.line(report) + "\n" : report.table();
  }

  /** Makes one AREA for each list; the ids of their hooks, in the lists' order. */
  private List<String> make(AreaClient user, String listHost, String sinkHost)
      throws IOException, InterruptedException {
    List<String> ids = new ArrayList<>(hooks);
    try (ExecutorService makers = Executors.newFixedThreadPool(MAKERS)) {
      List<Future<String>> made = new ArrayList<>(hooks);
      for (int list = 0; list < hooks; list++) {
        ObjectNode definition = definition(list, listHost, sinkHost);
        made.add(
            makers.submit(
                () ->
                    user.post("/api/v1/areas", definition)
                        .expecting(201)
                        .body()
                        .at("/hook/id")
                        .asText()));
      }
      try {
        for (Future<String> id : made) {
          ids.add(id.get());
        }
      } catch (ExecutionException e) {
        makers.shutdownNow();
        throw new IOException("an AREA could not be made: " + e.getCause(), e);
      }
    }
    return ids;
  }

  private static ObjectNode definition(int list, String listHost, String sinkHost) {
    ObjectNode area = JsonNodeFactory.instance.objectNode().put("name", "List " + list);
    area.putObject("action")
        .put("service", "http")
        .put("action", "new_item")
        .putObject("inputs")
        .put("url", "http://" + listHost + "/lists/" + list);
    area.putArray("reactions")
        .addObject()
        .put("id", "notify")
        .put("service", "http")
        .put("reaction", "request")
        .putObject("inputs")
        .put("url", "http://" + sinkHost + "/in")
        .putObject("body")
        .put("item", "${event.id}");
    return area;
  }

  /** Until each hook has seen its list: only what comes after that is new. */
  private void awaitPolled(AreaClient user) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + DRAIN.plusMillis(10L * hooks).toNanos();
    while (true) {
      long polled = polling(user).values().stream().filter(JsonNode::isObject).count();
      if (polled == hooks) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new IOException("only " + polled + " of " + hooks + " hooks were polled");
      }
      Thread.sleep(PAUSE); // the program only answers, it does not tell by itself
    }
  }

  /** The last turn of the measured time has an interval until it is missed. */
  private static void awaitTurns(long since, Duration length) throws InterruptedException {
    long end = since + length.plus(INTERVAL).toNanos();
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      Thread.sleep(Duration.ofNanos(left)); // the measured time itself
    }
  }

  private static SinkStatus drain(ChildProcess sink, long items)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + DRAIN.toNanos();
    while (true) {
      SinkStatus status = Wire.read(sink.ask("0", ANSWER), SinkStatus.class);
      if (status.arrived() >= items || System.nanoTime() > deadline) {
        return status;
      }
      Thread.sleep(PAUSE); // the sink only answers, it does not tell by itself
    }
  }

  /**
   * What the program says of its polls.
   *
   * @param turns when each hook is polled next, in microseconds since 1970
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, nobody compares it
  private record Polls(long[] turns, int failing) {}

  private static Polls polls(AreaClient user, List<String> ids)
      throws IOException, InterruptedException {
    Map<String, JsonNode> shown = polling(user);
    long[] turns = new long[ids.size()];
    int failing = 0;
    for (int i = 0; i < turns.length; i++) {
      JsonNode polling = shown.getOrDefault(ids.get(i), JsonNodeFactory.instance.nullNode());
      if (polling.path("nextPollAt").isTextual()) {
        turns[i] = Instant.parse(polling.path("nextPollAt").asText()).toEpochMilli() * 1_000;
        failing += polling.path("failures").asInt() > 0 ? 1 : 0;
      } else {
        throw new IOException("hook " + ids.get(i) + " does not say when it is polled next");
      }
    }
    return new Polls(turns, failing);
  }

  /** What each hook says of its polls, by its id. */
  private static Map<String, JsonNode> polling(AreaClient user)
      throws IOException, InterruptedException {
    Map<String, JsonNode> shown = new HashMap<>();
    String after = "";
    do {
      JsonNode page = user.get("/api/v1/hooks?limit=" + PAGE + after).expecting(200).body();
      page.path("items").forEach(hook -> shown.put(hook.path("id").asText(), hook.path("polling")));
      after = page.path("next").isNull() ? "" : "&cursor=" + page.path("next").asText();
    } while (!after.isEmpty());
    return shown;
  }
}
