package dev.areaflow.topology;

import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.forwarding.Hop;
import dev.areaflow.topology.forwarding.Progress;
import dev.areaflow.topology.rows.HomeKey;
import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What a task has to do with others because of AREAs with several hooks. Only such AREAs have a row
 * here; the rows are read once in the life of a task.
 */
final class Hops {
  private final KeyValueStore<HomeKey, Hop> store;
  private final TaskMemory memory;
  private final int partitions;

  /**
   * @param partitions of each topic
   */
  Hops(ProcessorContext<?, ?> context, int partitions) {
    this.store = context.getStateStore(TaskStores.HOPS);
    this.memory = context.getStateStore(TaskMemory.NAME);
    this.partitions = partitions;
  }

  /** The time at the homes, and who is to be told of it. */
  Progress progress() {
    return memory.progress(this::load);
  }

  private void load(Progress progress) {
    try (var all = store.all()) {
      while (all.hasNext()) {
        progress.add(all.next().value);
      }
    }
  }

  /** A definition is there from now on. */
  void put(HomeKey key, Definition definition) {
    replace(key, hop(definition));
  }

  /** None is there any more. */
  void remove(HomeKey key) {
    replace(key, null);
  }

  private void replace(HomeKey key, @Nullable Hop next) {
    Progress progress = progress();
    @Nullable Hop before = store.get(key);
    if (before == null ? next == null : before.equals(next)) {
      return;
    }
    store.put(key, next);
    if (before != null) {
      progress.remove(before);
    }
    if (next != null) {
      progress.add(next);
    }
  }

  private @Nullable Hop hop(Definition definition) {
    if (definition.isListener()) {
      return new Hop(false, List.of(partition(definition.subject().areaId())));
    }
    return definition.hooks().isEmpty()
        ? null
        : new Hop(true, definition.hooks().stream().map(this::partition).toList());
  }

  private int partition(String home) {
    return AreaflowTopology.partitionOf(home, partitions);
  }
}
