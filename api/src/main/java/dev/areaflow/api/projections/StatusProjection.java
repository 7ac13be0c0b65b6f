package dev.areaflow.api.projections;

import dev.areaflow.schemas.avro.AreaState;
import dev.areaflow.schemas.avro.AreaStatus;
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

/** Which version of each AREA each home serves. */
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
  }
}
