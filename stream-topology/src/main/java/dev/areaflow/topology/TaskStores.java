package dev.areaflow.topology;

import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.decision.Placement;
import dev.areaflow.topology.forwarding.Forwarded;
import dev.areaflow.topology.forwarding.Hop;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.rows.Timer;
import dev.areaflow.topology.rules.KeptPayload;
import dev.areaflow.topology.rules.Remembered;
import dev.areaflow.topology.rules.Usage;
import dev.areaflow.topology.runs.AreaRuns;
import dev.areaflow.topology.runs.RunRow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/**
 * The stores. All are on disk, since their size is the users': definitions, what waits for a retry
 * while a provider is down, the ids of days. None is cached: rows that are written and deleted
 * within one commit are rare, every other write would only be made twice.
 */
final class TaskStores {
  /** Area id → where it is. */
  static final String PLACEMENTS = "placements";

  /** (Home, area id) → its definition. */
  static final String DEFINITIONS = "definitions";

  /** (Hook, event id) → that it matched. */
  static final String SEEN_EVENTS = "seen-events";

  /** (Home, run id) → the run, until it succeeds or is too old to be retried. */
  static final String RUNS = "runs";

  /** (Home, run id and name) → what is kept of the run under that name. */
  static final String RUN_MATERIALS = "run-materials";

  /** (Home, area id) → what is known of its runs together. */
  static final String AREA_RUNS = "area-runs";

  /** (Home, area id and place) → the run that waits there for earlier ones. */
  static final String RUN_QUEUE = "run-queue";

  /** Due time, home, run id, step → nothing. */
  static final String TIMERS = "timers";

  /** (Home, area id and key) → what the AREA's rule remembers for the key. */
  static final String MEMORIES = "memories";

  /** (Home, area id and place of the event) → the payload of an event that a rule keeps. */
  static final String KEPT_EVENTS = "kept-events";

  /** (Home, area id) → how much its rule remembers. */
  static final String USAGES = "rule-usages";

  /** Due time, home, area id, key → nothing. */
  static final String RULE_TIMERS = "rule-timers";

  /** The same for AREAs that are their own homes: their time is another. */
  static final String AREA_TIMERS = "area-timers";

  /** Time, area id, place of the event → an event whose time has not come at the AREA's home. */
  static final String WAITING_EVENTS = "waiting-events";

  /**
   * (Home, area id) → with which partitions there is to do because of an AREA with several hooks.
   */
  static final String HOPS = "hops";

  private TaskStores() {}

  static StoreBuilder<KeyValueStore<String, Placement>> placements() {
    return rows(PLACEMENTS, Serdes.String(), Placement.SERDE);
  }

  static StoreBuilder<KeyValueStore<HomeKey, Definition>> definitions() {
    return rows(DEFINITIONS, HomeKey.SERDE, Definition.SERDE);
  }

  /** All that runs have. */
  static List<StoreBuilder<?>> ofRuns() {
    return List.of(
        rows(RUNS, HomeKey.SERDE, RunRow.SERDE),
        rows(RUN_MATERIALS, HomeKey.SERDE, Serdes.ByteArray()),
        rows(TIMERS, Timer.SERDE, Serdes.ByteArray()),
        rows(AREA_RUNS, HomeKey.SERDE, AreaRuns.SERDE),
        rows(RUN_QUEUE, HomeKey.SERDE, Serdes.String()));
  }

  /** All that rules have. */
  static List<StoreBuilder<?>> ofRules() {
    return List.of(
        rows(MEMORIES, HomeKey.SERDE, Remembered.SERDE),
        rows(KEPT_EVENTS, HomeKey.SERDE, KeptPayload.SERDE),
        rows(USAGES, HomeKey.SERDE, Usage.SERDE),
        rows(RULE_TIMERS, Timer.SERDE, Serdes.ByteArray()),
        rows(AREA_TIMERS, Timer.SERDE, Serdes.ByteArray()));
  }

  static StoreBuilder<KeyValueStore<Timer, Forwarded>> waitingEvents() {
    return rows(WAITING_EVENTS, Timer.SERDE, Forwarded.SERDE);
  }

  static StoreBuilder<KeyValueStore<HomeKey, Hop>> hops() {
    return rows(HOPS, HomeKey.SERDE, Hop.SERDE);
  }

  static StoreBuilder<WindowStore<HomeKey, byte[]>> seenEvents(Duration window) {
    return Stores.windowStoreBuilder(
            Stores.persistentWindowStore(
                SEEN_EVENTS, SeenEvents.retention(window), SeenEvents.bucket(window), false),
            HomeKey.SERDE,
            Serdes.ByteArray())
        .withCachingDisabled()
        .withLoggingEnabled(Map.of());
  }

  private static <K, V> StoreBuilder<KeyValueStore<K, V>> rows(
      String name, Serde<K> keys, Serde<V> values) {
    return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), keys, values)
        .withCachingDisabled()
        .withLoggingEnabled(Map.of());
  }
}
