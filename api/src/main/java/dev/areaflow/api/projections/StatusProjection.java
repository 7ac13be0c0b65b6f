package dev.areaflow.api.projections;

import dev.areaflow.schemas.avro.AreaState;
import dev.areaflow.schemas.avro.AreaStatus;
import dev.areaflow.schemas.avro.RuleUsage;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Which version of each AREA each home serves, and how much its rule remembers there. */
final class StatusProjection implements Projection<AreaStatus> {

  private record Key(UUID areaId, String home) {}

  @Override
  public Topic<AreaStatus> topic() {
    return Topics.STATUS;
  }

  @Override
  public void apply(Handle handle, List<Placed<AreaStatus>> batch) {
    Map<Key, AreaStatus> newest = new LinkedHashMap<>();
    for (AreaStatus status : Placed.values(batch)) {
      Optional<UUID> areaId = Columns.uuid(topic(), "areaId", status.getAreaId());
      if (areaId.isPresent() && status.getState() != AreaState.UNKNOWN) {
        newest.merge(
            new Key(areaId.get(), status.getHome()),
            status,
            (one, other) -> other.getVersion() >= one.getVersion() ? other : one);
      }
    }
    PreparedBatch rows =
        handle.prepareBatch(
            "INSERT INTO area_status AS s (area_id, home, version, state, reason, at)"
                + " VALUES (:area, :home, :version, :state, :reason, :at)"
                + " ON CONFLICT (area_id, home) DO UPDATE SET version = excluded.version,"
                + " state = excluded.state, reason = excluded.reason, at = excluded.at"
                + " WHERE s.version <= excluded.version");
    newest.forEach(
        (key, status) ->
            rows.bind("area", key.areaId())
                .bind("home", key.home())
                .bind("version", status.getVersion())
                .bind("state", status.getState().name().toLowerCase(Locale.ROOT))
                .bind("reason", status.getReason().map(Columns::text).orElse(null))
                .bind("at", status.getAt().atOffset(ZoneOffset.UTC))
                .add());
    if (rows.size() > 0) {
      rows.execute();
    }
    applyRules(handle, Placed.values(batch));
  }

  private void applyRules(Handle handle, List<AreaStatus> batch) {
    Map<UUID, AreaStatus> newest = new LinkedHashMap<>();
    for (AreaStatus status : batch) {
      if (status.getRule().isPresent()) {
        Columns.uuid(topic(), "areaId", status.getAreaId()).ifPresent(id -> newest.put(id, status));
      }
    }
    PreparedBatch rows =
        handle.prepareBatch(
            "INSERT INTO area_rules AS r (area_id, home, keys, events, bytes, kept, dropped,"
                + " refused, since, problem, at) VALUES (:area, :home, :keys, :events, :bytes,"
                + " :kept, :dropped, :refused, :since, :problem, :at)"
                + " ON CONFLICT (area_id) DO UPDATE SET home = excluded.home,"
                + " keys = excluded.keys, events = excluded.events, bytes = excluded.bytes,"
                + " kept = excluded.kept, dropped = excluded.dropped, refused = excluded.refused,"
                + " since = excluded.since, problem = excluded.problem, at = excluded.at"
                + " WHERE r.at <= excluded.at");
    newest.forEach((areaId, status) -> bind(rows, areaId, status, status.getRule().orElseThrow()));
    if (rows.size() > 0) {
      rows.execute();
    }
  }

  private static void bind(PreparedBatch rows, UUID areaId, AreaStatus status, RuleUsage rule) {
    rows.bind("area", areaId)
        .bind("home", status.getHome())
        .bind("keys", rule.getKeys())
        .bind("events", rule.getEvents())
        .bind("bytes", rule.getBytes())
        .bind("kept", rule.getKept())
        .bind("dropped", rule.getDropped())
        .bind("refused", rule.getRefused())
        .bind("since", rule.getSince().atOffset(ZoneOffset.UTC))
        .bind("problem", rule.getProblem().map(Columns::text).orElse(null))
        .bind("at", status.getAt().atOffset(ZoneOffset.UTC))
        .add();
  }
}
