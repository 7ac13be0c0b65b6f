package dev.areaflow.topology;

import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.topology.decision.DefinitionChange;
import dev.areaflow.topology.decision.DefinitionChange.Remove;
import dev.areaflow.topology.decision.Placement;
import dev.areaflow.topology.rows.HomeKey;
import java.util.List;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Sends each AREA's newest row to its home, and to its hooks where they are several, and away from
 * the places that it left. Each of them reports that it is rid of the AREA, even where it never had
 * it. A row at or below the version already seen is dropped, so a replay never revives an older
 * rule; the placement outlives the AREA's deletion for that, until the row itself is purged.
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
        records(
                known.places().stream()
                    .<DefinitionChange>map(place -> new Remove(place, areaId, known.version()))
                    .toList())
            .forEach(context::forward);
      }
    } else if (Placement.isNews(row, known)) {
      // Made before anything is kept: a row that fails must not pass for one that was sent.
      List<Record<HomeKey, DefinitionChange>> changes = records(Placement.changes(row, known));
      placements.put(areaId, Placement.of(row));
      changes.forEach(context::forward);
      commit.request();
    }
  }

  private static List<Record<HomeKey, DefinitionChange>> records(List<DefinitionChange> changes) {
    return changes.stream().map(change -> new Record<>(change.key(), change, 0)).toList();
  }
}
