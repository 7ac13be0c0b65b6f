package dev.areaflow.api.hooks;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * How polls of a hook go, as it was told about a minute ago at most.
 *
 * @param lastPolledAt when the last poll had a result, good or bad
 * @param failures how many polls in a row failed, 30 at most; 0 where the last one did not
 * @param lastFailure why the last one failed; null where it did not
 * @param nextPollAt when the next one is due; null where none is
 */
public record Polling(
    Instant lastPolledAt,
    int failures,
    @Nullable String lastFailure,
    @Nullable Instant nextPollAt) {
  private static final int MOST_COUNTED = 30;

  /** The columns that {@link #of} reads, of the table {@code hook_polls} under the name p. */
  public static final String COLUMNS =
      "p.last_polled_at, p.failures AS poll_failures, p.last_failure AS poll_failure,"
          + " p.next_poll_at";

  /** Reads {@link #COLUMNS}; null where the hook was not polled yet. */
  public static @Nullable Polling of(ResultSet row) throws SQLException {
    OffsetDateTime polled = row.getObject("last_polled_at", OffsetDateTime.class);
    OffsetDateTime next = row.getObject("next_poll_at", OffsetDateTime.class);
    return polled == null
        ? null
        : new Polling(
            polled.toInstant(),
            row.getInt("poll_failures"),
            row.getString("poll_failure"),
            next == null ? null : next.toInstant());
  }

  /** What is wrong, in words; null where nothing is. */
  public @Nullable String problem() {
    if (failures == 0) {
      return null;
    }
    String which =
        failures == 1
            ? "The last poll failed: "
            : failures < MOST_COUNTED
                ? "The last " + failures + " polls failed, most lately: "
                : "The last " + MOST_COUNTED + " polls or more failed, most lately: ";
    String next = nextPollAt == null ? "" : " The next one is due at " + nextPollAt + ".";
    return which + lastFailure + "." + next;
  }
}
