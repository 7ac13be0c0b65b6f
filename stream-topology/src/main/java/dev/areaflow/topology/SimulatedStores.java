package dev.areaflow.topology;

import dev.areaflow.topology.forwarding.Forwarded;
import dev.areaflow.topology.memory.MemoryBudget;
import dev.areaflow.topology.memory.MemoryRows;
import dev.areaflow.topology.memory.MemoryWindows;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.rows.Timer;
import dev.areaflow.topology.rules.KeptPayload;
import dev.areaflow.topology.rules.Remembered;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.StateStore;

/** The {@link TaskStores} of a {@link SimulatedTask}, in memory. For one thread. */
final class SimulatedStores {
  /** About what a value takes that does not grow with payloads. */
  private static final int SMALL = 200;

  /** About what a kept event takes beside its payload. */
  private static final int KEPT_EVENT = 150;

  private final Map<String, StateStore> byName = new HashMap<>();
  private final MemoryRows<Timer, byte[]> ofRuns;
  private final MemoryRows<Timer, byte[]> ofRules;
  private final MemoryRows<Timer, byte[]> ofAreas;

  SimulatedStores(Duration deduplicationWindow, MemoryBudget budget) {
    Serializer<HomeKey> home = HomeKey.SERDE.serializer();
    Serializer<Timer> timer = Timer.SERDE.serializer();
    add(rows(TaskStores.PLACEMENTS, Serdes.String().serializer(), _ -> SMALL, budget));
    add(rows(TaskStores.DEFINITIONS, home, _ -> SMALL, budget));
    add(rows(TaskStores.RUNS, home, _ -> SMALL, budget));
    add(
        SimulatedStores.<HomeKey, byte[]>rows(
            TaskStores.RUN_MATERIALS, home, bytes -> bytes.length, budget));
    add(rows(TaskStores.AREA_RUNS, home, _ -> SMALL, budget));
    add(rows(TaskStores.RUN_QUEUE, home, _ -> SMALL, budget));
    add(
        SimulatedStores.<HomeKey, Remembered>rows(
            TaskStores.MEMORIES,
            home,
            remembered -> SMALL + KEPT_EVENT * remembered.memory().events().count(),
            budget));
    add(
        SimulatedStores.<HomeKey, KeptPayload>rows(
            TaskStores.KEPT_EVENTS, home, kept -> kept.payload().remaining(), budget));
    add(rows(TaskStores.USAGES, home, _ -> SMALL, budget));
    add(
        SimulatedStores.<Timer, Forwarded>rows(
            TaskStores.WAITING_EVENTS, timer, SimulatedStores::bytes, budget));
    add(rows(TaskStores.HOPS, home, _ -> SMALL, budget));
    this.ofRuns = rows(TaskStores.TIMERS, timer, _ -> 0, budget);
    this.ofRules = rows(TaskStores.RULE_TIMERS, timer, _ -> 0, budget);
    this.ofAreas = rows(TaskStores.AREA_TIMERS, timer, _ -> 0, budget);
    add(ofRuns);
    add(ofRules);
    add(ofAreas);
    add(
        new MemoryWindows<HomeKey, byte[]>(
            TaskStores.SEEN_EVENTS, SeenEvents.retention(deduplicationWindow).toMillis(), budget));
    add(TaskMemory.builder().build());
  }

  private static <K, V> MemoryRows<K, V> rows(
      String name, Serializer<K> keys, ToLongFunction<V> weight, MemoryBudget budget) {
    return new MemoryRows<>(name, keys, weight, budget);
  }

  private static long bytes(Forwarded forwarded) {
    return forwarded instanceof Forwarded.Arrived arrived
        ? arrived.event().getPayload().remaining()
        : 0;
  }

  private void add(StateStore store) {
    byName.put(store.name(), store);
  }

  Map<String, StateStore> byName() {
    return byName;
  }

  /** When a run's next timer is due. */
  Optional<Instant> nextOfRuns() {
    return ofRuns.first().map(Timer::dueAt);
  }

  /** When a rule's next timer is due. */
  Optional<Instant> nextOfRules() {
    return Stream.of(ofRules, ofAreas)
        .flatMap(timers -> timers.first().stream())
        .map(Timer::dueAt)
        .min(Instant::compareTo);
  }
}
