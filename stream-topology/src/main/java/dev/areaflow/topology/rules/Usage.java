package dev.areaflow.topology.rules;

import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/**
 * How much the rule of one AREA remembers, and what it made of events.
 *
 * @param keys how many keys
 * @param bytes of payloads that are kept
 * @param events how many are kept
 * @param counts since it began
 * @param bound which the last event that was not taken was beyond, until usage falls
 * @param isTelling whether a timer is set at which this is told
 */
public record Usage(
    long keys, long bytes, long events, Counts counts, Bound bound, boolean isTelling) {

  /** Nothing. */
  public static final Usage NONE = new Usage(0, 0, 0, Counts.NONE, Bound.NONE, false);

  /** Of the values of the usages' store. */
  public static final Serde<Usage> SERDE =
      Serdes.serdeFrom(
          (topic, usage) -> usage == null ? null : usage.toRow(),
          (topic, bytes) -> bytes == null ? null : parse(bytes));

  private static final int FORMAT = 1;

  /**
   * What became of events.
   *
   * @param since when the rule began as it is
   */
  public record Counts(long kept, long dropped, long refused, Instant since) {
    static final Counts NONE = new Counts(0, 0, 0, Instant.EPOCH);

    private Counts plus(long moreKept, long moreDropped, long moreRefused) {
      return new Counts(kept + moreKept, dropped + moreDropped, refused + moreRefused, since);
    }
  }

  /** What one AREA can come up against. */
  public enum Bound {
    /** Nothing. */
    NONE,
    /** So many keys. */
    KEYS,
    /** So many bytes. */
    BYTES
  }

  /**
   * What one AREA may remember at a time.
   *
   * @param keys how many
   * @param bytes of payloads
   */
  public record Limits(long keys, long bytes) {
    private static final long MEBIBYTE = 1024 * 1024;

    /** Why an event is not taken in that is beyond a bound. */
    public String objection(Bound bound) {
      return switch (bound) {
        case NONE -> "";
        case KEYS ->
            "the rule remembers %d keys already, which is the most; take fewer with \"by\", or a"
                    .formatted(keys)
                + " shorter window";
        case BYTES ->
            "the rule keeps %d MiB of events already, which is the most; take fewer with \"when\","
                    .formatted(bytes / MEBIBYTE)
                + " or a shorter window";
      };
    }
  }

  /** With so many more, or fewer; what was too much fits again where it became fewer. */
  public Usage plus(long moreKeys, long moreBytes, long moreEvents) {
    boolean fits =
        switch (bound) {
          case NONE -> true;
          case KEYS -> moreKeys < 0;
          case BYTES -> moreBytes < 0;
        };
    return new Usage(
        Math.max(0, keys + moreKeys),
        Math.max(0, bytes + moreBytes),
        Math.max(0, events + moreEvents),
        counts,
        fits ? Bound.NONE : bound,
        isTelling);
  }

  /** With one more event that fared so. */
  public Usage counting(Turn.Fate fate) {
    return switch (fate) {
      case FIRES -> this;
      case KEPT -> with(counts.plus(1, 0, 0));
      case DROPPED -> with(counts.plus(0, 1, 0));
    };
  }

  /** With one more event that was not taken. */
  public Usage refusing(Bound reached) {
    return new Usage(keys, bytes, events, counts.plus(0, 0, 1), reached, isTelling);
  }

  /** Counting anew from now on. */
  public Usage since(Instant now) {
    return with(new Counts(0, 0, 0, now));
  }

  /** Counting since then, unless it counts already. */
  public Usage begun(Instant now) {
    return counts.equals(Counts.NONE) ? since(now) : this;
  }

  /** Counting no more. */
  public Usage ended() {
    return new Usage(keys, bytes, events, Counts.NONE, Bound.NONE, false);
  }

  /** The same, with a timer at which it is told, or without. */
  public Usage telling(boolean telling) {
    return new Usage(keys, bytes, events, counts, bound, telling);
  }

  private Usage with(Counts other) {
    return new Usage(keys, bytes, events, other, bound, isTelling);
  }

  /**
   * The bound that an event is beyond; empty if it is taken in.
   *
   * @param isNewKey whether its key is not remembered yet
   * @param size of its payload in bytes
   */
  public Optional<Bound> exceeded(Limits limits, boolean isNewKey, long size) {
    if (isNewKey && keys >= limits.keys()) {
      return Optional.of(Bound.KEYS);
    }
    return bytes + size > limits.bytes() ? Optional.of(Bound.BYTES) : Optional.empty();
  }

  private byte[] toRow() {
    return new RowWriter(FORMAT)
        .number(keys)
        .number(bytes)
        .number(events)
        .number(counts.kept())
        .number(counts.dropped())
        .number(counts.refused())
        .instant(counts.since())
        .optionalText(bound == Bound.NONE ? null : bound.name())
        .bool(isTelling)
        .toBytes();
  }

  private static Bound bound(@Nullable String name) {
    return name == null ? Bound.NONE : Bound.valueOf(name);
  }

  private static Usage parse(byte[] bytes) {
    RowReader row = new RowReader(bytes, FORMAT);
    return new Usage(
        row.number(),
        row.number(),
        row.number(),
        new Counts(row.number(), row.number(), row.number(), row.instant()),
        bound(row.optionalText()),
        row.bool());
  }
}
