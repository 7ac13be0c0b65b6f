package dev.areaflow.benchmarks;

import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.BacktestLine;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.topology.BacktestConfig;
import dev.areaflow.topology.TopicBacktester;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code area bench backtest}: how fast the past is read. */
@Command(
    name = "backtest",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measure backtests: events of two hooks are written into the topic, and read again through a",
      "real broker and registry in another process. Scanning passes over another hook's events by",
      "their keys; the others decode and decide each event. Everything stays on 127.0.0.1 and in a",
      "temporary directory; progress goes to standard error, the table to standard output."
    })
final class BacktestBenchCommand extends MeasuringCommand {
  private static final int ROUNDS = 5;
  private static final String BUSY = "busy";

  /** Of the same partition as the busy one, without events. */
  private static final int MOST_NAMES = 1_000;

  @Option(
      names = "--events",
      defaultValue = "200000",
      description = "Events, 1000 to 10000000; default ${DEFAULT-VALUE}.")
  private int events;

  /**
   * What is measured.
   *
   * @param isBusy whether the events are those of the AREA's hook
   */
  private record Kind(
      String text, boolean isBusy, @Nullable String condition, @Nullable RulePlan rule) {
    private Plan plan() {
      return new Plan("webhook", "received", condition, rule, null, List.of());
    }
  }

  private static final List<Kind> KINDS =
      List.of(
          new Kind("passed over by key", false, null, null),
          new Kind("decoded, refused by a condition", true, "event.issue.number < 0", null),
          new Kind(
              "decoded, counted by a rule",
              true,
              null,
              new RulePlan.Count(1_000, Duration.ofDays(1))));

  @Override
  Optional<String> problem() {
    return outside("--events", 1_000, 10_000_000, events);
  }

  @Override
  String measure(Workshop workshop) throws IOException, InterruptedException {
    StackCommand.Addresses addresses = workshop.stack();
    EngineTopics topics = workshop.add(new EngineTopics(addresses));
    byte[] payload = BenchCommand.payload();
    Instant from = Instant.now();
    for (int i = 0; i < events; i++) {
      topics.send(BUSY, payload);
    }
    topics.flush();
    workshop.progress("%d events of %d bytes are written".formatted(events, payload.length));
    TopicBacktester backtester =
        new TopicBacktester(
            BacktestConfig.from(
                Settings.of(
                    Map.of(
                        "kafka.bootstrap-servers",
                        addresses.kafka(),
                        "registry.url",
                        addresses.registry()))));
    Map<Kind, Double> rates = new LinkedHashMap<>();
    for (Kind kind : KINDS) {
      List<Double> rounds = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        rounds.add(rate(backtester, backtest(kind, topics, from)));
        workshop.progress("%s: %.0f events/s".formatted(kind.text(), rounds.getLast()));
      }
      rates.put(kind, rounds.stream().sorted().toList().get(ROUNDS / 2));
    }
    return table(rates, payload.length);
  }

  private static Backtest backtest(Kind kind, EngineTopics topics, Instant from) {
    String hook = EngineTopics.hook(kind.isBusy() ? BUSY : quiet(topics));
    AreaRow row =
        new AreaRow("area", "owner", hook, "bench", kind.plan().toJson(), 1, true, null, null);
    Instant begin = from.minus(Duration.ofMinutes(1));
    return new Backtest(row, begin, begin, Instant.now().plusSeconds(60), Map.of());
  }

  private static String quiet(EngineTopics topics) {
    for (int i = 0; i < MOST_NAMES; i++) {
      if (topics.isNeighbour(BUSY, "quiet-" + i)) {
        return "quiet-" + i;
      }
    }
    throw new IllegalStateException("no name falls into the partition of the busy hook");
  }

  private double rate(TopicBacktester backtester, Backtest backtest)
      throws IOException, InterruptedException {
    List<BacktestLine.Summary> summaries = new ArrayList<>();
    backtester.run(
        backtest,
        line -> {
          if (line instanceof BacktestLine.Summary summary) {
            summaries.add(summary);
          }
        });
    BacktestLine.Summary summary = summaries.getFirst();
    if (summary.scanned() != events) {
      throw new IOException("expected " + events + " events, found " + summary.scanned());
    }
    return events / (summary.took().toNanos() / 1e9);
  }

  private String table(Map<Kind, Double> rates, int bytes) throws IOException {
    String rows =
        rates.entrySet().stream()
            .map(
                rate ->
                    String.format(
                        Locale.ROOT, "| %s | %.0f |%n", rate.getKey().text(), rate.getValue()))
            .collect(Collectors.joining());
    return "| events | events/s |%n|---|---|%n".formatted()
        + rows
        + String.format(
            Locale.ROOT,
            "%n%s; median of %d rounds over %d events of %d bytes, JIT warm-up included%n",
            Machine.here(),
            ROUNDS,
            events,
            bytes);
  }
}
