package dev.areaflow.api.projections;

import java.util.List;

/**
 * The value of a record, and where it is in its topic.
 *
 * @param partition of the topic
 * @param offset in the partition
 */
record Placed<V>(V value, int partition, long offset) {

  /** The values alone, in the same order. */
  static <V> List<V> values(List<Placed<V>> batch) {
    return batch.stream().map(Placed::value).toList();
  }
}
