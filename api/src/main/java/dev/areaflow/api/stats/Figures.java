package dev.areaflow.api.stats;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The figures of an hour or a day.
 *
 * @param runs those of matches and re-runs, by the state that they are in now
 * @param latency how long those took that succeeded or failed; null where none did
 * @param deliveries what webhooks brought
 */
record Figures(
    long events,
    long matches,
    Map<String, Long> runs,
    @Nullable Latency latency,
    Deliveries deliveries) {
  static final Figures NONE =
      new Figures(
          0,
          0,
          Map.of("queued", 0L, "running", 0L, "succeeded", 0L, "failed", 0L, "cancelled", 0L),
          null,
          new Deliveries(0, 0, 0));

  Figures {
    runs = Map.copyOf(runs);
  }

  /**
   * Of what they are.
   *
   * @param time the beginning of the hour or day
   * @param of the AREA or service; empty where it is not asked for, or not known
   */
  record Key(Instant time, String of) implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
        Comparator.comparing(Key::time).thenComparing(Key::of);

    static Key of(ResultSet row) throws SQLException {
      return new Key(row.getObject("at", OffsetDateTime.class).toInstant(), row.getString("whose"));
    }

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * Times from an event's receipt to the end of its run, in milliseconds, each within 10 %.
   *
   * @param runs how many
   */
  record Latency(long runs, long p50, long p95, long p99) {
    private static final double BUCKETS_A_DOUBLING = 4;

    static Latency of(ResultSet row) throws SQLException {
      return new Latency(
          row.getLong("runs"),
          middle(row.getInt("p50")),
          middle(row.getInt("p95")),
          middle(row.getInt("p99")));
    }

    private static long middle(int bucket) {
      return Math.round(Math.pow(2, (bucket + 0.5) / BUCKETS_A_DOUBLING));
    }
  }

  /**
   * What came to hooks by webhook.
   *
   * @param accepted became an event, duplicates included
   * @param ignored was not the hook's action
   * @param refused was not taken
   */
  record Deliveries(long accepted, long ignored, long refused) {}

  static Figures ofRuns(ResultSet row) throws SQLException {
    Map<String, Long> runs = new LinkedHashMap<>();
    for (String status : NONE.runs.keySet()) {
      // an older process may have counted a run's beginning not at all, but never its end
      runs.put(status, Math.max(0, row.getLong(status)));
    }
    return new Figures(row.getLong("events"), row.getLong("matches"), runs, null, NONE.deliveries);
  }

  Figures with(Latency other) {
    return new Figures(events, matches, runs, other, deliveries);
  }

  Figures with(Deliveries other) {
    return new Figures(events, matches, runs, latency, other);
  }
}
