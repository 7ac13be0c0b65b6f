package dev.areaflow.benchmarks;

import static java.util.Objects.requireNonNull;

import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code area bench engine}: what rules with memory and stored AREAs cost the topology. */
@Command(
    name = "engine",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measure the engine alone: the real topology role in a process of its own, beside a real",
      "broker and registry in another. Events and definitions are written straight into the topics,",
      "and the engine's committed offsets tell how far it is; AREAs have no reactions. For each rule",
      "one event a key is written first, then --events more over random keys are timed. Everything",
      "stays on 127.0.0.1 and in a temporary directory. With a million keys and AREAs it takes about",
      "half an hour; progress goes to standard error, the table to standard output."
    })
final class EngineBenchCommand extends MeasuringCommand {
  private static final Duration PATIENCE = Duration.ofMinutes(45);
  private static final int MOST = 1_000_000;
  private static final int WARM_UP = 40_000;
  private static final int ACTIVE_HOOKS = 1_000;

  /** The program has just been started again. */
  private static final int WARM_ROUNDS = 10;

  private static final Duration HOUR = Duration.ofHours(1);
  private static final String BY = "event.key";

  /** Each rule, so that it remembers one thing for each key throughout. */
  private static final Map<String, RulePlan> RULES = rules();

  @Option(
      names = "--keys",
      split = ",",
      defaultValue = "1000,1000000",
      description = "Keys of each rule, 1 to 1000000; default ${DEFAULT-VALUE}.")
  private List<Integer> keys = List.of();

  @Option(
      names = "--areas",
      split = ",",
      defaultValue = "1000,1000000",
      description = "Stored AREAs, ascending, 1000 to 1000000; default ${DEFAULT-VALUE}.")
  private List<Integer> areas = List.of();

  @Option(
      names = "--rules",
      split = ",",
      description =
          "Which rules; default all: throttle,debounce,digest,count,sequence,absence,change,deduplicate.")
  private List<String> rules = List.copyOf(RULES.keySet());

  @Option(
      names = "--events",
      defaultValue = "100000",
      description = "Events of each measurement, 1000 to 10000000; default ${DEFAULT-VALUE}.")
  private int events;

  @Option(
      names = "--heap",
      defaultValue = "512m",
      description = "Java heap of the topology; default ${DEFAULT-VALUE}, as in area up.")
  private String heap = "";

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  private final SplittableRandom random = new SplittableRandom(1);

  @Override
  Optional<String> problem() {
    for (int count : keys) {
      Optional<String> problem = outside("--keys", 1, MOST, count);
      if (problem.isPresent()) {
        return problem;
      }
    }
    for (int i = 0; i < areas.size(); i++) {
      Optional<String> problem = outside("--areas", ACTIVE_HOOKS, MOST, areas.get(i));
      if (problem.isPresent()) {
        return problem;
      }
      if (i > 0 && areas.get(i) <= areas.get(i - 1)) {
        return Optional.of("--areas: expected ascending numbers, found " + areas);
      }
    }
    for (String rule : rules) {
      if (!RULES.containsKey(rule)) {
        return Optional.of(
            "--rules: expected some of " + String.join(",", RULES.keySet()) + ", found " + rule);
      }
    }
    return outside("--events", 1_000, 10_000_000, events);
  }

  @Override
  String measure(Workshop workshop) throws IOException, InterruptedException {
    StackCommand.Addresses addresses = workshop.stack();
    EngineTopics topics = workshop.add(new EngineTopics(addresses));
    TopologyProcess topology =
        workshop.add(
            new TopologyProcess(
                workshop.directory().resolve("state"),
                workshop.directory().resolve("topology.err"),
                heap,
                addresses));
    warmUp(workshop, topics);
    List<EngineReport.OfRule> ofRules = new ArrayList<>();
    for (int count : keys) {
      for (String rule : rules) {
        ofRules.add(measure(workshop, topics, topology, rule, count));
      }
    }
    List<EngineReport.Restart> restarts = restarts(workshop, topics, topology);
    List<EngineReport.OfAreas> ofAreas = new ArrayList<>();
    for (int i = 0; i < areas.size(); i++) {
      int known = i == 0 ? 0 : areas.get(i - 1);
      ofAreas.add(measure(workshop, topics, topology, known, areas.get(i)));
    }
    if (!areas.isEmpty()) {
      restarts.addAll(restarts(workshop, topics, topology));
    }
    EngineReport report = new EngineReport(Machine.here(), events, ofRules, ofAreas, restarts);
    return json ? Wire.line(report) + "\n" : report.table();
  }

  private void warmUp(Workshop workshop, EngineTopics topics)
      throws IOException, InterruptedException {
    workshop.progress("topology: starting and warming up");
    for (Map.Entry<String, RulePlan> rule : RULES.entrySet()) {
      String area = "warm-up-" + rule.getKey();
      topics.define(List.of(area), _ -> plan(rule.getValue()), PATIENCE);
      send(topics, WARM_UP / RULES.size(), event -> random.nextLong(100), area);
    }
    topics.awaitDecided(PATIENCE);
  }

  private EngineReport.OfRule measure(
      Workshop workshop, EngineTopics topics, TopologyProcess topology, String rule, int count)
      throws IOException, InterruptedException {
    String area = rule + "-" + count;
    RulePlan remembering = requireNonNull(RULES.get(rule));
    topics.define(List.of(area), _ -> plan(remembering), PATIENCE);
    long before = topology.stateBytes();
    Sample first = sample(topics, topology, count, key -> key, area);
    Sample then = sample(topics, topology, events, event -> random.nextLong(count), area);
    long bytes = topology.stateBytes() - before;
    workshop.progress(
        "%s, %d keys: %.0f events/s, first %.0f"
            .formatted(rule, count, then.perSecond(), first.perSecond()));
    return new EngineReport.OfRule(
        rule, count, first.perSecond(), then.perSecond(), then.micros(), bytes);
  }

  private EngineReport.OfAreas measure(
      Workshop workshop, EngineTopics topics, TopologyProcess topology, int known, int stored)
      throws IOException, InterruptedException {
    long since = System.nanoTime();
    topics.define(
        IntStream.range(known, stored).mapToObj(EngineBenchCommand::area).toList(),
        EngineBenchCommand::stateless,
        PATIENCE);
    double perSecond = (stored - known) / seconds(since);
    workshop.progress("%d AREAs are stored, %.0f a second".formatted(stored, perSecond));
    for (int round = 0; round < WARM_ROUNDS; round++) {
      sample(topics, topology, events, event -> random.nextLong(ACTIVE_HOOKS), null);
    }
    Sample few = sample(topics, topology, events, event -> random.nextLong(ACTIVE_HOOKS), null);
    Sample all = sample(topics, topology, events, event -> random.nextLong(stored), null);
    workshop.progress(
        "%d AREAs: %.0f events/s at %d of them, %.0f at all"
            .formatted(stored, few.perSecond(), ACTIVE_HOOKS, all.perSecond()));
    return new EngineReport.OfAreas(
        stored, perSecond, few.perSecond(), all.perSecond(), few.micros(), topology.stateBytes());
  }

  private List<EngineReport.Restart> restarts(
      Workshop workshop, EngineTopics topics, TopologyProcess topology)
      throws IOException, InterruptedException {
    List<EngineReport.Restart> restarts = new ArrayList<>();
    long bytes = topology.stateBytes();
    long since = System.nanoTime();
    topology.killAndStart();
    probe(topics);
    restarts.add(new EngineReport.Restart("on its disk", bytes, seconds(since)));
    since = System.nanoTime();
    topology.killAndStartEmpty();
    probe(topics);
    restarts.add(new EngineReport.Restart("on an empty disk", bytes, seconds(since)));
    restarts.forEach(
        restart ->
            workshop.progress(
                "killed, started %s: %.1f s".formatted(restart.where(), restart.seconds())));
    return restarts;
  }

  /** An event in each partition: decided once the stores of each task are there again. */
  private void probe(EngineTopics topics) throws IOException, InterruptedException {
    for (String rule : RULES.keySet()) {
      for (int i = 0; i < 4; i++) {
        topics.send("probe-" + rule + i, 0);
      }
    }
    topics.awaitDecided(PATIENCE);
  }

  /** What a number of events took. */
  private record Sample(int events, double seconds, Duration processor) {
    double perSecond() {
      return events / seconds;
    }

    /** Processor time of an event, in microseconds. */
    double micros() {
      return processor.toNanos() / 1_000.0 / events;
    }
  }

  private Sample sample(
      EngineTopics topics,
      TopologyProcess topology,
      int count,
      LongUnaryOperator key,
      @Nullable String area)
      throws IOException, InterruptedException {
    Duration before = topology.processorTime();
    long since = System.nanoTime();
    send(topics, count, key, area);
    topics.awaitDecided(PATIENCE);
    return new Sample(count, seconds(since), topology.processorTime().minus(before));
  }

  /**
   * @param area whose events they are; null where the key says which
   */
  private static void send(
      EngineTopics topics, int count, LongUnaryOperator key, @Nullable String area)
      throws IOException, InterruptedException {
    for (long event : LongStream.range(0, count).toArray()) {
      long of = key.applyAsLong(event);
      topics.send(area == null ? area((int) of) : area, of);
    }
  }

  private static String area(int number) {
    return "stored-" + number;
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  /** No two AREAs have the same condition; each holds for every event. */
  private static Plan stateless(String area) {
    return new Plan("webhook", "received", "event.n != '%s'".formatted(area), List.of());
  }

  private static Plan plan(RulePlan rule) {
    return new Plan("webhook", "received", null, rule, BY, List.of());
  }

  private static Map<String, RulePlan> rules() {
    RulePlan.Member never = new RulePlan.Member("event.n < 0");
    Map<String, RulePlan> rules = new LinkedHashMap<>();
    rules.put("throttle", new RulePlan.Throttle(5, HOUR));
    rules.put("debounce", new RulePlan.Debounce(HOUR, HOUR.multipliedBy(2)));
    rules.put("digest", new RulePlan.Digest(Duration.ofDays(7), null, null, null));
    rules.put("count", new RulePlan.Count(1_000, HOUR));
    rules.put(
        "sequence", new RulePlan.Sequence(HOUR, List.of(new RulePlan.Member(null), never), null));
    rules.put("absence", new RulePlan.Absence(HOUR.multipliedBy(2), null, null));
    rules.put("change", new RulePlan.Change("event.n", null));
    rules.put("deduplicate", new RulePlan.Deduplicate("event.key", HOUR.multipliedBy(24)));
    return rules;
  }
}
