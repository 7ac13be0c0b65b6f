package dev.areaflow.topology;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.topics.TopicSettings;
import dev.areaflow.topology.rules.Usage;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Settings of backtests. Those that decide what becomes of events are the topology's own: with
 * others a backtest would tell something else.
 *
 * @param topics how topics are reached
 * @param deduplicationWindow as of the topology
 * @param ruleLimits as of the topology
 * @param memory bytes that one backtest may remember at a time
 * @param time the longest that one may take
 */
public record BacktestConfig(
    TopicSettings topics,
    Duration deduplicationWindow,
    Usage.Limits ruleLimits,
    long memory,
    Duration time) {
  private static final long MEBIBYTE = 1024 * 1024;

  static final Setting<Integer> MEBIBYTES =
      Setting.of(
          "backtest.mebibytes",
          "64",
          Parsers.integer(1, 1_000_000),
          "What one backtest may remember at a time, in MiB.");
  static final Setting<Duration> TIME =
      Setting.of("backtest.time", "PT10M", Parsers::duration, "The longest a backtest may take.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS =
      Stream.<Setting<?>>concat(
              TopicSettings.SETTINGS.stream(),
              Stream.of(
                  TopologyConfig.DEDUPLICATION_WINDOW,
                  TopologyConfig.RULE_KEYS,
                  TopologyConfig.RULE_MEBIBYTES,
                  MEBIBYTES,
                  TIME))
          .toList();

  /** Reads them; problems are noted in {@code settings}. */
  public static BacktestConfig from(Settings settings) {
    return new BacktestConfig(
        TopicSettings.from(settings),
        settings.get(TopologyConfig.DEDUPLICATION_WINDOW),
        TopologyConfig.ruleLimits(settings),
        settings.get(MEBIBYTES) * MEBIBYTE,
        settings.get(TIME));
  }
}
