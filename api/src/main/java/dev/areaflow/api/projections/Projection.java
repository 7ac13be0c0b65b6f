package dev.areaflow.api.projections;

import dev.areaflow.schemas.topics.Topic;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** What the records of one topic become in the database. */
interface Projection<V> {

  /** The topic; its name is the projection's, under which offsets are kept. */
  Topic<V> topic();

  /**
   * Work ahead of a batch that must not be part of its transaction, for example making partitions.
   */
  default void prepare(List<V> batch) {}

  /**
   * The least time from one batch to the next, unless many records wait. What changes several times
   * in it is written once.
   */
  default Duration pace() {
    return Duration.ZERO;
  }

  /**
   * Writes a batch, within the transaction that moves the offsets. May be called again with the
   * same records only where that transaction failed.
   *
   * @param batch in the order of their partitions
   */
  void apply(Handle handle, List<Placed<V>> batch);
}
