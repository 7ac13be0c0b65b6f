package dev.areaflow.api.projections;

import dev.areaflow.schemas.avro.ReplayProgress;
import dev.areaflow.schemas.avro.ReplayStatus;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** How far each replay is. */
final class ReplayProjection implements Projection<ReplayProgress> {
  private static final Duration PACE = Duration.ofMillis(200);

  @Override
  public Topic<ReplayProgress> topic() {
    return Topics.REPLAY_PROGRESS;
  }

  /** One that goes on tells several times a second. */
  @Override
  public Duration pace() {
    return PACE;
  }

  @Override
  public void apply(Handle handle, List<Placed<ReplayProgress>> batch) {
    Map<UUID, ReplayProgress> newest = new LinkedHashMap<>();
    for (ReplayProgress progress : Placed.values(batch)) {
      if (progress.getStatus() != ReplayStatus.UNKNOWN) {
        Columns.uuid(topic(), "replayId", progress.getReplayId())
            .ifPresent(id -> newest.put(id, progress));
      }
    }
    PreparedBatch rows =
        handle.prepareBatch(
            "UPDATE replays SET status = :status, read = :read, all_places = :of, sent = :sent,"
                + " skipped = :skipped, error = :error, told_at = :at WHERE id = :id");
    newest.forEach((id, progress) -> bind(rows, id, progress));
    if (rows.size() > 0) {
      rows.execute();
    }
  }

  private static void bind(PreparedBatch rows, UUID id, ReplayProgress progress) {
    boolean isPlaced = progress.getBegin() >= 0;
    @Nullable Long of = isPlaced ? progress.getEnd() - progress.getBegin() : null;
    rows.bind("id", id)
        .bind("status", progress.getStatus().name().toLowerCase(Locale.ROOT))
        .bind("read", isPlaced ? progress.getNext() - progress.getBegin() : 0)
        .bind("of", of)
        .bind("sent", progress.getSent())
        .bind("skipped", progress.getSkipped())
        .bind("error", progress.getError().map(Columns::text).orElse(null))
        .bind("at", progress.getAt().atOffset(ZoneOffset.UTC))
        .add();
  }
}
