package dev.areaflow.schemas.topics;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.utils.Utils;

/**
 * One topic of the platform. Keys are strings in UTF-8, spread by the default partitioner, so
 * topics with the same key and the same number of partitions are co-partitioned.
 *
 * @param name its name on the broker; public and versioned
 * @param key what its key is, in words
 * @param value the class of its values: an Avro record, or a row of change data capture (JSON)
 * @param cleanup what the broker does with old records
 * @param retention how long records are kept; empty where they are compacted
 * @param timestamps who sets the record time
 */
public record Topic<V>(
    String name,
    String key,
    Class<V> value,
    Cleanup cleanup,
    Optional<Duration> retention,
    Timestamps timestamps) {

  /** What the broker does with old records. */
  public enum Cleanup {
    /** Removed by age and size. */
    DELETE,
    /** The newest record of each key is kept. */
    COMPACT
  }

  /** Who sets the time of a record. */
  public enum Timestamps {
    /** The producer. */
    CREATE,
    /** The broker, so that time never runs backwards within a partition. */
    LOG_APPEND
  }

  /** The partition of a key, as producers choose it: the same in all topics of as many. */
  public static int partitionOf(String key, int partitions) {
    return Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % partitions;
  }
}
