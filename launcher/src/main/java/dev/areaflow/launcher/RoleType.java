package dev.areaflow.launcher;

import dev.areaflow.api.ApiConfig;
import dev.areaflow.api.ApiRole;
import dev.areaflow.executors.ExecutorsConfig;
import dev.areaflow.executors.ExecutorsRole;
import dev.areaflow.ingest.IngestConfig;
import dev.areaflow.ingest.IngestRole;
import dev.areaflow.launcher.cdc.CdcConfig;
import dev.areaflow.launcher.cdc.CdcRole;
import dev.areaflow.schemas.backtest.Backtester;
import dev.areaflow.schemas.backtest.Replayer;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.role.Role;
import dev.areaflow.topology.BacktestConfig;
import dev.areaflow.topology.TopicBacktester;
import dev.areaflow.topology.TopicReplayer;
import dev.areaflow.topology.TopologyConfig;
import dev.areaflow.topology.TopologyRole;
import io.helidon.webserver.http.HttpService;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A role that can be run.
 *
 * @param name as on the command line
 * @param settings those it reads
 * @param maker makes it of its settings
 */
record RoleType(String name, List<Setting<?>> settings, Maker maker) {

  /** Makes a role; only the one that has a public HTTP server of its own mounts operations. */
  interface Maker {
    Role make(Settings settings, MeterRegistry meters, HttpService operations);
  }

  /** All of them, in the order of their start: what accepts work comes last, and stops first. */
  static List<RoleType> all() {
    Services services = new Services();
    return List.of(
        new RoleType(
            "topology",
            TopologyConfig.SETTINGS,
            (settings, meters, operations) ->
                new TopologyRole(TopologyConfig.from(settings), meters)),
        new RoleType(
            "executors",
            ExecutorsConfig.SETTINGS,
            (settings, meters, operations) -> {
              ExecutorsConfig config = ExecutorsConfig.from(settings);
              return new ExecutorsRole(config, services.of(config.services()), meters);
            }),
        new RoleType(
            "cdc",
            CdcConfig.SETTINGS,
            (settings, meters, operations) -> new CdcRole(CdcConfig.from(settings), meters)),
        new RoleType(
            "api",
            distinct(ApiConfig.SETTINGS, BacktestConfig.SETTINGS),
            (settings, meters, operations) -> {
              ApiConfig config = ApiConfig.from(settings);
              Backtester backtester = new TopicBacktester(BacktestConfig.from(settings));
              return new ApiRole(
                  config, services.of(config.services()), backtester, meters, operations);
            }),
        new RoleType(
            "ingest",
            distinct(IngestConfig.SETTINGS, BacktestConfig.SETTINGS),
            (settings, meters, operations) -> {
              IngestConfig config = IngestConfig.from(settings);
              Replayer replayer = new TopicReplayer(BacktestConfig.from(settings));
              return new IngestRole(config, services.of(config.services()), replayer, meters);
            }));
  }

  /** The settings of all roles, each key once. */
  static List<Setting<?>> allSettings() {
    return distinct(all().stream().map(RoleType::settings).toList());
  }

  private static List<Setting<?>> distinct(List<Setting<?>> some, List<Setting<?>> others) {
    return distinct(List.of(some, others));
  }

  private static List<Setting<?>> distinct(List<List<Setting<?>>> lists) {
    Map<String, Setting<?>> byKey = new LinkedHashMap<>();
    lists.forEach(list -> list.forEach(setting -> byKey.putIfAbsent(setting.key(), setting)));
    return List.copyOf(byKey.values());
  }
}
