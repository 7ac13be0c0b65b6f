package dev.areaflow.ingest.schedules;

import dev.areaflow.expressions.clock.CatchUp;
import dev.areaflow.expressions.clock.ClockSchedule;
import dev.areaflow.schemas.rows.HookRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one clock: the newest version of its hook, and how far it has fired. It
 * stays, without an instant to come, while the hook is disabled and after it was deleted, so that a
 * replayed older row cannot revive it.
 *
 * @param hook the newest row
 * @param after every scheduled instant up to here was fired or is never to be fired
 * @param next the instant to come; null where there is none
 */
record Schedule(HookRow hook, Instant after, @Nullable Instant next) {

  /**
   * How long after a hook was made its first row may arrive and still start at the making. A row
   * that is read later comes from a rebuilt topic: what was due before has long been fired.
   */
  private static final Duration FIRST_ROW_WITHIN = Duration.ofDays(1);

  /** Most instants of one clock that one scan fires. */
  private static final int MOST_AT_ONCE = 100;

  /** What is due of one clock: the instants to fire, in order, and what is remembered then. */
  record Due(List<Instant> instants, Schedule rest) {
    Due {
      instants = List.copyOf(instants);
    }
  }

  /**
   * The schedule after a row of its hook.
   *
   * @param stored what is remembered so far
   * @param row a row whose version is above the stored one's
   * @param clock the row's instants
   * @param readAt time of the row's record
   */
  static Schedule of(@Nullable Schedule stored, HookRow row, ClockSchedule clock, Instant readAt) {
    if (!fires(row)) {
      return new Schedule(row, stored == null ? readAt : later(stored.after, readAt), null);
    }
    Instant after = startOf(stored, row, readAt);
    return new Schedule(row, after, clock.next(after).orElse(null));
  }

  private static Instant startOf(@Nullable Schedule stored, HookRow row, Instant readAt) {
    if (stored == null) {
      boolean firstRow =
          row.version() == 1 && readAt.isBefore(row.createdAt().plus(FIRST_ROW_WITHIN));
      return firstRow ? row.createdAt() : readAt;
    }
    boolean goesOn = fires(stored.hook) && stored.hook.inputs().equals(row.inputs());
    return goesOn ? stored.after : later(stored.after, readAt);
  }

  /**
   * What is due: each instant since the clock runs here, and of those missed before only the
   * newest, or none, as the clock wants it.
   *
   * @param runningSince since when clocks are watched without a gap, not after {@code now}
   * @param now the time
   */
  Due due(ClockSchedule clock, Instant runningSince, Instant now) {
    List<Instant> instants = new ArrayList<>();
    Optional<Instant> missed =
        after.isBefore(runningSince) ? clock.newest(after, runningSince) : Optional.empty();
    if (clock.catchUp() == CatchUp.LAST) {
      missed.ifPresent(instants::add);
    }
    Instant reached = later(after, missed.orElse(after));
    Optional<Instant> next = clock.next(later(reached, runningSince));
    while (next.isPresent() && !next.get().isAfter(now) && instants.size() < MOST_AT_ONCE) {
      instants.add(next.get());
      reached = next.get();
      next = clock.next(reached);
    }
    return new Due(instants, new Schedule(hook, reached, next.orElse(null)));
  }

  /** Whether a hook with this row fires at all. */
  private static boolean fires(HookRow row) {
    return row.enabled() && row.deletedAt() == null;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
