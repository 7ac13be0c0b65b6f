package dev.areaflow.topology.rules;

import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * How much the rule of one AREA remembers.
 *
 * @param keys how many keys
 * @param bytes of payloads that are kept
 */
public record Usage(long keys, long bytes) {
  /** Keys that one AREA may have at a time. */
  public static final long MOST_KEYS = 1_000_000;

  /** Bytes of payloads that one AREA may keep at a time. */
  public static final long MOST_BYTES = 256L * 1024 * 1024;

  /** Nothing. */
  public static final Usage NONE = new Usage(0, 0);

  /** Of the values of the usages' store. */
  public static final Serde<Usage> SERDE =
      Serdes.serdeFrom(
          (topic, usage) ->
              usage == null
                  ? null
                  : new RowWriter(1).number(usage.keys).number(usage.bytes).toBytes(),
          (topic, bytes) -> {
            if (bytes == null) {
              return null;
            }
            RowReader row = new RowReader(bytes, 1);
            return new Usage(row.number(), row.number());
          });

  /** With so many more, or fewer. */
  public Usage plus(long moreKeys, long moreBytes) {
    return new Usage(Math.max(0, keys + moreKeys), Math.max(0, bytes + moreBytes));
  }

  /**
   * Why an event is not taken in; empty if it is.
   *
   * @param isNewKey whether its key is not remembered yet
   * @param size of its payload in bytes
   */
  public Optional<String> objection(boolean isNewKey, long size) {
    if (isNewKey && keys >= MOST_KEYS) {
      return Optional.of(
          "the rule remembers %d keys already, which is the most; take fewer with \"by\", or a"
                  .formatted(MOST_KEYS)
              + " shorter window");
    }
    return bytes + size > MOST_BYTES
        ? Optional.of(
            "the rule keeps %d MiB of events already, which is the most; take fewer with \"when\","
                    .formatted(MOST_BYTES / 1024 / 1024)
                + " or a shorter window")
        : Optional.empty();
  }
}
