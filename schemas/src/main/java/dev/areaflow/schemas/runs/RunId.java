package dev.areaflow.schemas.runs;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.UUID;

/**
 * The identity of a run, and of a verdict without one: a UUID of version 8 whose first 48 bits are
 * the time of the event's receipt (the record time in {@code area.events}, Unix milliseconds) and
 * whose other bits are a hash of what was decided. It sorts by time, it leads to the run's
 * partition in the run log, and deciding the same again gives the same id.
 */
public record RunId(UUID value) implements Comparable<RunId> {

  /**
   * @param receivedAt record time of the event; fractions of a millisecond are dropped
   * @param hookId the hook of the event, within which event ids are unique
   * @param generation 0 for live events; counts replays
   */
  public static RunId of(
      Instant receivedAt,
      String areaId,
      long areaVersion,
      String hookId,
      String eventId,
      int generation) {
    MessageDigest digest = sha256();
    update(digest, areaId);
    update(digest, hookId);
    update(digest, eventId);
    ByteBuffer hash =
        ByteBuffer.wrap(
            digest.digest(
                ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                    .putLong(areaVersion)
                    .putInt(generation)
                    .array()));
    long high = (receivedAt.toEpochMilli() << 16) | 0x8000L | (hash.getShort() & 0x0FFFL);
    long low = 0x8000_0000_0000_0000L | (hash.getLong() >>> 2);
    return new RunId(new UUID(high, low));
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException if the text is not a run id
   */
  public static RunId parse(String text) {
    UUID value = UUID.fromString(text);
    if (value.version() != 8 || value.variant() != 2) {
      throw new IllegalArgumentException("expected a run id, found " + text);
    }
    return new RunId(value);
  }

  /** When the event was received: {@code startedAt} of the run, exactly. */
  public Instant startedAt() {
    return Instant.ofEpochMilli(value.getMostSignificantBits() >>> 16);
  }

  /** By time first, then by hash; the order of the texts and of PostgreSQL's {@code uuid}. */
  @Override
  public int compareTo(RunId other) {
    int byTime =
        Long.compareUnsigned(value.getMostSignificantBits(), other.value.getMostSignificantBits());
    return byTime != 0
        ? byTime
        : Long.compareUnsigned(
            value.getLeastSignificantBits(), other.value.getLeastSignificantBits());
  }

  @Override
  public String toString() {
    return value.toString();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void update(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    digest.update(bytes);
  }
}
