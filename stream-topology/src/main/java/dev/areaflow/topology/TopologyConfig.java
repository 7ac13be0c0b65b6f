package dev.areaflow.topology;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.config.SharedSettings;
import dev.areaflow.schemas.role.StateDirectory;
import dev.areaflow.schemas.topics.TopicSettings;
import dev.areaflow.topology.rules.Usage;
import dev.areaflow.topology.runs.RetryPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Settings of the topology.
 *
 * @param topics how topics are made and reached
 * @param stateDirectory where the stores lie; whoever starts again on the same one takes over at
 *     once after a kill
 * @param threads stream threads of this instance
 * @param standbys copies of each store on other instances
 * @param sessionTimeout after which silence the others take over an instance's work
 * @param transactionTimeout after which the broker aborts what a dead instance left open
 * @param commitInterval how long results wait until they are visible
 * @param deduplicationWindow how long the id of a delivery that matched is remembered, at least
 * @param commandValidity how long after its issue the call of a command may still start
 * @param callTimeout the longest that the executors' calls take
 * @param clockSkew how far the clocks of topology and executors may differ
 * @param retryDelays before each retry of a failed call
 * @param compiledPlans how many AREAs are kept compiled
 * @param storeMebibytes memory of all stores together, outside the heap
 * @param ruleLimits what the rule of one AREA may remember at a time
 */
public record TopologyConfig(
    TopicSettings topics,
    Path stateDirectory,
    int threads,
    int standbys,
    Duration sessionTimeout,
    Duration transactionTimeout,
    Duration commitInterval,
    Duration deduplicationWindow,
    Duration commandValidity,
    Duration callTimeout,
    Duration clockSkew,
    List<Duration> retryDelays,
    int compiledPlans,
    int storeMebibytes,
    Usage.Limits ruleLimits) {

  private static final Duration SHORTEST_WINDOW = Duration.ofMinutes(1);

  static final Setting<Integer> THREADS =
      Setting.of(
          "topology.threads", "1", Parsers.integer(1, 64), "Stream threads of the topology.");
  static final Setting<Integer> STANDBYS =
      Setting.of(
          "topology.standbys",
          "0",
          Parsers.integer(0, 3),
          "Copies of the topology's state on other instances.");
  static final Setting<Duration> SESSION_TIMEOUT =
      Setting.of(
          "topology.session-timeout",
          "PT6S",
          Parsers::duration,
          "Silence after which others take over an instance's work.");
  static final Setting<Duration> TRANSACTION_TIMEOUT =
      Setting.of(
          "topology.transaction-timeout",
          "PT10S",
          Parsers::duration,
          "After this the broker aborts what a dead instance left open.");
  static final Setting<Duration> COMMIT_INTERVAL =
      Setting.of(
          "topology.commit-interval",
          "PT0.04S",
          Parsers::duration,
          "How long results of the topology wait until they are visible.");
  static final Setting<Duration> DEDUPLICATION_WINDOW =
      Setting.of(
          "topology.deduplication-window",
          "P3D",
          TopologyConfig::window,
          "How long the id of a webhook delivery that matched is remembered, at least; from PT1M."
              + " Deliveries of before a change of it may match once more.");
  static final Setting<Duration> COMMAND_VALIDITY =
      Setting.of(
          "topology.command-validity",
          "PT1M",
          Parsers::duration,
          "How long after its issue the call of a command may still start.");
  static final Setting<Duration> CLOCK_SKEW =
      Setting.of(
          "topology.clock-skew",
          "PT10S",
          Parsers::duration,
          "How far the clocks of topology and executors may differ.");
  static final Setting<List<Duration>> RETRY_DELAYS =
      Setting.of(
          "topology.retry-delays",
          "PT5S,PT30S,PT2M,PT10M,PT1H,PT3H,PT8H,PT12H",
          text -> Parsers.list(text).stream().map(Parsers::duration).toList(),
          "Before each retry of a failed call, 20 % more or less.");
  static final Setting<Integer> COMPILED_PLANS =
      Setting.of(
          "topology.compiled-plans",
          "10000",
          Parsers.integer(1, 10_000_000),
          "How many AREAs are kept compiled.");
  static final Setting<Integer> STORE_MEBIBYTES =
      Setting.of(
          "topology.store-mebibytes",
          "96",
          Parsers.integer(16, 1_000_000),
          "Memory of the topology's stores together, in MiB, outside the heap.");

  static final Setting<Integer> RULE_KEYS =
      Setting.of(
          "topology.rule-keys",
          "1000000",
          Parsers.integer(1, Integer.MAX_VALUE),
          "Keys that the rule of one AREA may remember at a time.");
  static final Setting<Integer> RULE_MEBIBYTES =
      Setting.of(
          "topology.rule-mebibytes",
          "256",
          Parsers.integer(1, 1_000_000),
          "Events that the rule of one AREA may keep at a time, in MiB.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS =
      Stream.<Setting<?>>concat(
              TopicSettings.SETTINGS.stream(),
              Stream.of(
                  StateDirectory.SETTING,
                  THREADS,
                  STANDBYS,
                  SESSION_TIMEOUT,
                  TRANSACTION_TIMEOUT,
                  COMMIT_INTERVAL,
                  DEDUPLICATION_WINDOW,
                  COMMAND_VALIDITY,
                  SharedSettings.CALL_TIMEOUT,
                  CLOCK_SKEW,
                  RETRY_DELAYS,
                  COMPILED_PLANS,
                  STORE_MEBIBYTES,
                  RULE_KEYS,
                  RULE_MEBIBYTES))
          .toList();

  public TopologyConfig {
    retryDelays = List.copyOf(retryDelays);
  }

  /** Reads them; problems are noted in {@code settings}. */
  public static TopologyConfig from(Settings settings) {
    return new TopologyConfig(
        TopicSettings.from(settings),
        settings.get(StateDirectory.SETTING),
        settings.get(THREADS),
        settings.get(STANDBYS),
        settings.get(SESSION_TIMEOUT),
        settings.get(TRANSACTION_TIMEOUT),
        settings.get(COMMIT_INTERVAL),
        settings.get(DEDUPLICATION_WINDOW),
        settings.get(COMMAND_VALIDITY),
        settings.get(SharedSettings.CALL_TIMEOUT),
        settings.get(CLOCK_SKEW),
        settings.get(RETRY_DELAYS),
        settings.get(COMPILED_PLANS),
        settings.get(STORE_MEBIBYTES),
        ruleLimits(settings));
  }

  static Usage.Limits ruleLimits(Settings settings) {
    return new Usage.Limits(settings.get(RULE_KEYS), settings.get(RULE_MEBIBYTES) * 1024L * 1024L);
  }

  /** The ids lie in buckets of a third of it, which stores do not keep much finer than minutes. */
  private static Duration window(String text) {
    Duration window = Parsers.duration(text);
    if (window.compareTo(SHORTEST_WINDOW) < 0) {
      throw new IllegalArgumentException("expected a duration of at least " + SHORTEST_WINDOW);
    }
    return window;
  }

  TaskConfig task() {
    return new TaskConfig(topics.partitions(), deduplicationWindow, ruleLimits);
  }

  RetryPolicy retryPolicy() {
    return new RetryPolicy(retryDelays, commandValidity, callTimeout, clockSkew);
  }
}
