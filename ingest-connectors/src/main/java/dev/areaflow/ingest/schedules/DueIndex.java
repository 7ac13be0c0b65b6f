package dev.areaflow.ingest.schedules;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The clocks in the order of their next instants: keys of instant (milliseconds, big-endian) and
 * hook id, without values.
 *
 * <p>A scan starts where the one before ended, not at the beginning: there it would walk the
 * tombstones of all that has fired.
 */
final class DueIndex {
  private static final byte[] NOTHING = new byte[0];
  private static final Instant LAST = Instant.ofEpochMilli(Long.MAX_VALUE - 1);

  private final KeyValueStore<Bytes, byte[]> store;
  private long scannedUntil;

  /** One clock that is due. */
  record Entry(Instant due, String hookId) {}

  DueIndex(KeyValueStore<Bytes, byte[]> store) {
    this.store = store;
  }

  void add(Instant due, String hookId) {
    long millis = millis(due);
    scannedUntil = Math.min(scannedUntil, millis);
    store.put(key(millis, hookId), NOTHING);
  }

  void remove(Instant due, String hookId) {
    store.delete(key(millis(due), hookId));
  }

  /** The clocks due at {@code now} or before, the earliest first. The caller removes them. */
  List<Entry> until(Instant now, int most) {
    long millis = now.toEpochMilli();
    List<Entry> entries = new ArrayList<>();
    if (millis < scannedUntil) {
      return entries; // the wall clock was set back
    }
    try (var range = store.range(prefix(scannedUntil), prefix(millis + 1))) {
      while (range.hasNext() && entries.size() < most) {
        entries.add(entry(range.next().key));
      }
    }
    if (entries.size() < most) {
      scannedUntil = Math.max(scannedUntil, millis);
    }
    return entries;
  }

  /**
   * Rounded up, so that a clock is never found before its instant; what milliseconds cannot count
   * is their last.
   */
  private static long millis(Instant due) {
    if (due.isAfter(LAST)) {
      return LAST.toEpochMilli();
    }
    return Math.max(0, due.plusNanos(999_999).toEpochMilli());
  }

  private static Bytes prefix(long millis) {
    return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(millis).array());
  }

  private static Bytes key(long millis, String hookId) {
    byte[] id = hookId.getBytes(StandardCharsets.UTF_8);
    return Bytes.wrap(ByteBuffer.allocate(Long.BYTES + id.length).putLong(millis).put(id).array());
  }

  private static Entry entry(Bytes key) {
    ByteBuffer buffer = ByteBuffer.wrap(key.get());
    Instant due = Instant.ofEpochMilli(buffer.getLong());
    return new Entry(due, StandardCharsets.UTF_8.decode(buffer).toString());
  }
}
