package dev.areaflow.topology.rows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * The time at which something that belongs to a home wants attention. Written as the time, then the
 * others with zero bytes between them, so that timers lie in the order in which they are due.
 *
 * @param dueAt to the millisecond
 * @param home of what it belongs to
 * @param id a run, or an AREA
 * @param part the run's step, or a key of the AREA's rule
 */
public record Timer(Instant dueAt, String home, String id, String part) {
  /** Of the timers' store; the values say nothing. */
  public static final Serde<Timer> SERDE =
      Serdes.serdeFrom(
          (topic, timer) -> timer == null ? null : timer.toBytes(), (topic, bytes) -> parse(bytes));

  /** Before all timers that are due at {@code time} or later, as a bound of scans. */
  public static Timer bound(Instant time) {
    return new Timer(time, "", "", "");
  }

  private byte[] toBytes() {
    byte[] rest = (home + '\0' + id + '\0' + part).getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Long.BYTES + rest.length)
        .putLong(dueAt.toEpochMilli())
        .put(rest)
        .array();
  }

  private static Timer parse(byte[] bytes) {
    String[] rest =
        new String(bytes, Long.BYTES, bytes.length - Long.BYTES, StandardCharsets.UTF_8)
            .split("\0", 3);
    return new Timer(
        Instant.ofEpochMilli(ByteBuffer.wrap(bytes).getLong()), rest[0], rest[1], rest[2]);
  }
}
