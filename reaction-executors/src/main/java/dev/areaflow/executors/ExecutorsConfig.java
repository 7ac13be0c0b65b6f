package dev.areaflow.executors;

import dev.areaflow.catalog.CatalogConfig;
import dev.areaflow.catalog.http.HttpClientConfig;
import dev.areaflow.catalog.vault.VaultKeys;
import dev.areaflow.schemas.config.DatabaseLogin;
import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.topics.TopicSettings;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Settings of the role {@code executors}.
 *
 * @param topics how topics are reached
 * @param http limits of calls to third parties
 * @param database where connections are
 * @param vault what their credentials are sealed with
 * @param services which there are
 * @param consumers share consumers of this process
 * @param batch commands that one consumer has in hand at most
 * @param inFlight commands that this process has in hand at most, calls that run longer included
 * @param inFlightMebibytes what those may weigh together
 * @param hostCalls calls to one host at once
 * @param hostSlowCalls calls to one host at once that have taken more than two seconds
 * @param hostRate calls to one host started in a second
 * @param longestCall the longest that a call may take whose command says how long
 * @param breakers when a host is left alone
 */
public record ExecutorsConfig(
    TopicSettings topics,
    HttpClientConfig http,
    DatabaseLogin database,
    VaultKeys vault,
    CatalogConfig services,
    int consumers,
    int batch,
    int inFlight,
    int inFlightMebibytes,
    int hostCalls,
    int hostSlowCalls,
    int hostRate,
    Duration longestCall,
    Breakers.Limits breakers) {
  static final Setting<Integer> CONSUMERS =
      Setting.of(
          "executors.consumers",
          "4",
          Parsers.integer(1, 100),
          "Share consumers of commands in this process.");
  static final Setting<Integer> BATCH =
      Setting.of(
          "executors.batch",
          "64",
          Parsers.integer(1, 500),
          "Commands that one consumer has in hand at most.");
  static final Setting<Integer> IN_FLIGHT =
      Setting.of(
          "executors.in-flight",
          "1024",
          Parsers.integer(1, 100_000),
          "Commands that this process has in hand at most, calls that run longer included.");
  static final Setting<Integer> IN_FLIGHT_MEBIBYTES =
      Setting.of(
          "executors.in-flight-mebibytes",
          "64",
          Parsers.integer(1, 4_096),
          "What the commands in hand may weigh together, in MiB.");
  static final Setting<Integer> HOST_CALLS =
      Setting.of(
          "executors.host-calls",
          "256",
          Parsers.integer(1, 10_000),
          "Calls to one host at once; further ones are deferred.");
  static final Setting<Integer> HOST_SLOW_CALLS =
      Setting.of(
          "executors.host-slow-calls",
          "16",
          Parsers.integer(1, 10_000),
          "Calls to one host at once that take more than 2 s; further ones are deferred.");
  static final Setting<Duration> LONGEST_CALL =
      Setting.of(
          "executors.longest-call",
          "PT5M",
          Parsers::duration,
          "The longest that a call may take whose AREA gives it a time of its own.");
  static final Setting<Integer> BREAKER_LEAST_CALLS =
      Setting.of(
          "executors.breaker-least-calls",
          "10",
          Parsers.integer(1, 1_000_000),
          "Calls to one host for one connection within the window before the host may be left"
              + " alone.");
  static final Setting<Integer> BREAKER_FAILURE_PERCENT =
      Setting.of(
          "executors.breaker-failure-percent",
          "70",
          Parsers.integer(1, 100),
          "How many percent of those must have failed for that.");
  static final Setting<Duration> BREAKER_WINDOW =
      Setting.of(
          "executors.breaker-window",
          "PT5M",
          Parsers::duration,
          "The window within which calls and failures are counted.");
  static final Setting<Duration> BREAKER_OPEN =
      Setting.of(
          "executors.breaker-open",
          "PT30S",
          Parsers::duration,
          "How long a host is left alone before one call tries it again; twice as long after each"
              + " that failed.");
  static final Setting<Duration> BREAKER_LONGEST_OPEN =
      Setting.of(
          "executors.breaker-longest-open",
          "PT10M",
          Parsers::duration,
          "The longest that a host is left alone between two such calls.");
  static final Setting<Integer> HOST_RATE =
      Setting.of(
          "executors.host-rate",
          "10000",
          Parsers.integer(1, 1_000_000),
          "Calls to one host started in a second; further ones are deferred.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS =
      Stream.of(
              TopicSettings.SETTINGS,
              HttpClientConfig.SETTINGS,
              DatabaseLogin.SETTINGS,
              CatalogConfig.SETTINGS,
              List.<Setting<?>>of(
                  VaultKeys.SETTING,
                  CONSUMERS,
                  BATCH,
                  IN_FLIGHT,
                  IN_FLIGHT_MEBIBYTES,
                  HOST_CALLS,
                  HOST_SLOW_CALLS,
                  HOST_RATE,
                  LONGEST_CALL,
                  BREAKER_LEAST_CALLS,
                  BREAKER_FAILURE_PERCENT,
                  BREAKER_WINDOW,
                  BREAKER_OPEN,
                  BREAKER_LONGEST_OPEN))
          .flatMap(List::stream)
          .toList();

  /** Reads them; problems are noted in {@code settings}. */
  public static ExecutorsConfig from(Settings settings) {
    return new ExecutorsConfig(
        TopicSettings.from(settings),
        HttpClientConfig.from(settings),
        DatabaseLogin.from(settings),
        settings.get(VaultKeys.SETTING),
        CatalogConfig.from(settings),
        settings.get(CONSUMERS),
        settings.get(BATCH),
        settings.get(IN_FLIGHT),
        settings.get(IN_FLIGHT_MEBIBYTES),
        settings.get(HOST_CALLS),
        settings.get(HOST_SLOW_CALLS),
        settings.get(HOST_RATE),
        settings.get(LONGEST_CALL),
        new Breakers.Limits(
            settings.get(BREAKER_LEAST_CALLS),
            settings.get(BREAKER_FAILURE_PERCENT),
            settings.get(BREAKER_WINDOW),
            settings.get(BREAKER_OPEN),
            settings.get(BREAKER_LONGEST_OPEN)));
  }
}
