package dev.areaflow.topology;

import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.topology.decision.DefinitionChange;
import dev.areaflow.topology.decision.DefinitionChange.Remove;
import dev.areaflow.topology.decision.Placement;
import dev.areaflow.topology.rows.HomeKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Sends each AREA's newest row to its home, and away from the homes it left: the one that is known
 * here, and the one that the row names, which may have been left before the AREA was heard of. Each
 * of them reports that it is rid of the AREA, even where it never had it. A row at or below the
 * version already seen is dropped, so a replay never revives an older rule; the placement outlives
 * the AREA's deletion for that, until the row itself is purged.
 *
 * <p>Changes travel with record time 0, which puts them before every event that waits at the home.
 */
final class RekeyDefinitions implements Processor<String, AreaRow, HomeKey, DefinitionChange> {
  private ProcessorContext<HomeKey, DefinitionChange> context;
  private KeyValueStore<String, Placement> placements;
  private EarlyCommit commit;

  @Override
  public void init(ProcessorContext<HomeKey, DefinitionChange> context) {
    this.context = context;
    this.commit = new EarlyCommit(context);
    this.placements = context.getStateStore(TaskStores.PLACEMENTS);
  }

  @Override
  public void process(Record<String, AreaRow> record) {
    String areaId = record.key();
    Placement known = placements.get(areaId);
    @Nullable AreaRow row = record.value();
    if (row == null) {
      placements.delete(areaId);
      if (known != null) {
        records(List.of(new Remove(known.home(), areaId, known.version())))
            .forEach(context::forward);
      }
    } else if (Placement.isNews(row, known)) {
      // Made before anything is kept: a row that fails must not pass for one that was sent.
      List<DefinitionChange> all = new ArrayList<>();
      leftUnseen(row, known).ifPresent(all::add);
      all.addAll(Placement.changes(row, known));
      List<Record<HomeKey, DefinitionChange>> changes = records(all);
      placements.put(areaId, Placement.of(row));
      changes.forEach(context::forward);
      commit.request();
    }
  }

  /** What the home has to learn that the row says was left, where it is not the one known here. */
  private static Optional<DefinitionChange> leftUnseen(AreaRow row, @Nullable Placement known) {
    String left = row.leftHookId();
    return left == null || left.equals(row.hookId()) || (known != null && left.equals(known.home()))
        ? Optional.empty()
        : Optional.of(new Remove(left, row.id(), row.version()));
  }

  private static List<Record<HomeKey, DefinitionChange>> records(List<DefinitionChange> changes) {
    return changes.stream().map(change -> new Record<>(change.key(), change, 0)).toList();
  }
}
