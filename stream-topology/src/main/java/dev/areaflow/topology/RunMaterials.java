package dev.areaflow.topology;

import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.runs.Materials;
import dev.areaflow.topology.runs.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * What is kept of runs beside their rows: what they come from, outputs of steps, items of lists.
 * Each is written once, so that a run's own row stays small however often it changes.
 */
final class RunMaterials {
  private final KeyValueStore<HomeKey, byte[]> store;

  RunMaterials(KeyValueStore<HomeKey, byte[]> store) {
    this.store = store;
  }

  /** Those of one run. */
  Materials of(Run run) {
    return part -> store.get(key(run, part));
  }

  void keep(Run run, Map<String, byte[]> parts) {
    parts.forEach((part, bytes) -> store.put(key(run, part), bytes));
  }

  /** Forgets all of a run. */
  void forget(Run run) {
    List<HomeKey> all = new ArrayList<>();
    try (var rows = store.prefixScan(key(run, ""), HomeKey.SERDE.serializer())) {
      while (rows.hasNext()) {
        all.add(rows.next().key);
      }
    }
    all.forEach(store::delete);
  }

  private static HomeKey key(Run run, String part) {
    return new HomeKey(run.subject().home(), run.id().toString() + '\0' + part);
  }
}
