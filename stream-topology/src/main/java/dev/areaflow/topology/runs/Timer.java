package dev.areaflow.topology.runs;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * The time at which an open step of a run wants attention. Written as the time, then home, run and
 * step with zero bytes between them, so that timers lie in the order in which they are due.
 */
public record Timer(Instant dueAt, String home, String runId, String stepId) {
  /** Of the timers' store; the values say nothing. */
  public static final Serde<Timer> SERDE =
      Serdes.serdeFrom((topic, timer) -> timer.toBytes(), (topic, bytes) -> parse(bytes));

  /** Before all timers that are due at {@code time} or later, as a bound of scans. */
  public static Timer bound(Instant time) {
    return new Timer(time, "", "", "");
  }

  private byte[] toBytes() {
    byte[] rest = (home + '\0' + runId + '\0' + stepId).getBytes(StandardCharsets.UTF_8);
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
