package dev.areaflow.api.projections;

import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * How far a projection has read. Offsets move in the transaction of what was written, and only from
 * where the reader took them: of two readers, one fails.
 */
final class Offsets {
  private final String projection;

  Offsets(String projection) {
    this.projection = projection;
  }

  /** The next offset to read of each partition that was read before. */
  Map<Integer, Long> read(Handle handle) {
    return new HashMap<>(
        handle
            .createQuery(
                "SELECT partition, next_offset FROM projection_offsets"
                    + " WHERE projection = :projection")
            .bind("projection", projection)
            .reduceRows(
                new HashMap<Integer, Long>(),
                (offsets, row) -> {
                  offsets.put(
                      row.getColumn("partition", Integer.class),
                      row.getColumn("next_offset", Long.class));
                  return offsets;
                }));
  }

  /** Keeps the starting point of a partition that was never read. */
  void start(Handle handle, int partition, long offset) {
    handle
        .createUpdate(
            "INSERT INTO projection_offsets (projection, partition, next_offset)"
                + " VALUES (:projection, :partition, :offset) ON CONFLICT DO NOTHING")
        .bind("projection", projection)
        .bind("partition", partition)
        .bind("offset", offset)
        .execute();
  }

  /**
   * Moves a partition's offset.
   *
   * @throws FencedException if it is not at {@code from} any more
   */
  void move(Handle handle, int partition, long from, long to) {
    int moved =
        handle
            .createUpdate(
                "UPDATE projection_offsets SET next_offset = :to WHERE projection = :projection"
                    + " AND partition = :partition AND next_offset = :from")
            .bind("to", to)
            .bind("projection", projection)
            .bind("partition", partition)
            .bind("from", from)
            .execute();
    if (moved == 0) {
      throw new FencedException(projection, partition, from);
    }
  }

  /** Another reader moved the offset; what this one was about to write is written already. */
  static final class FencedException extends RuntimeException {
    FencedException(String projection, int partition, long offset) {
      super(projection + "-" + partition + "@" + offset + " was projected by another instance");
    }
  }
}
