package dev.areaflow.ingest.schedules;

import dev.areaflow.schemas.avro.PollResult;
import dev.areaflow.schemas.rows.HookRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of one polled hook. It stays while the hook is disabled and after it was
 * deleted, so that a replayed older row cannot revive it.
 *
 * @param hook the newest row
 * @param number the number of the newest poll; 0 before the first
 * @param cursor where the next poll goes on; null where the provider has none or before there is
 * @param etag the entity tag of the last answer
 * @param lastModified when the last answer was modified, as it said
 * @param seen the ids seen last, the most recently seen last
 * @param newest the newest time of an item; null where none had one
 * @param resync whether a cursor was lost and the next whole answer makes another: of what it has,
 *     only what is not older than {@code newest} can be new
 * @param primed whether a whole answer was seen, after which what is new becomes events
 * @param due when there is something to do: the next poll, or the deadline of the one in flight
 * @param flight the poll without a whole result yet; null where there is none
 * @param failures how many polls in a row failed
 * @param idle how many polls in a row found nothing new
 * @param first how many of the first whole answer's items are still to become events, the newest
 * @param earliest no poll that is asked for out of turn is due before; null where any time does
 * @param woken whether there was a reason to look again while a poll was in flight
 * @param looks how many polls are still to follow soon after a wake
 */
record PollState(
    HookRow hook,
    long number,
    @Nullable String cursor,
    @Nullable String etag,
    @Nullable String lastModified,
    List<String> seen,
    @Nullable Instant newest,
    boolean resync,
    boolean primed,
    @Nullable Instant due,
    @Nullable Flight flight,
    int failures,
    int idle,
    int first,
    @Nullable Instant earliest,
    boolean woken,
    int looks) {

  /** Twice the most items of one answer: what an answer still has is never forgotten. */
  static final int MOST_SEEN = 2_000;

  /** How long a poll has; then it is issued again. */
  static final Duration DEADLINE = Duration.ofMinutes(1);

  /** Longest pause after failures, unless the provider asks for more. */
  static final Duration LONGEST_BACKOFF = Duration.ofHours(1);

  /** Least time between the beginnings of two polls of a hook, however often it is woken. */
  static final Duration LEAST_PAUSE = Duration.ofSeconds(5);

  /**
   * Polls that follow soon after a wake, each after twice the pause of the one before: some
   * providers tell of a change before their lists show it.
   */
  static final int LOOKS_AFTER_WAKE = 4;

  /** Polls without anything new after which the pause grows by one interval. */
  private static final int IDLE_STEP = 30;

  private static final int MOST_INTERVALS = 4;

  /**
   * The poll in flight.
   *
   * @param attempt the execution of which pages were applied; empty before the first
   * @param page the page of its result that is awaited
   * @param hit whether a page before had something new
   * @param newest the newest time of the items of the pages before
   */
  record Flight(String attempt, int page, boolean hit, @Nullable Instant newest) {
    Flight {
      attempt = attempt == null ? "" : attempt; // as the release before wrote it
    }
  }

  /**
   * What a result, or a page of it, had.
   *
   * @param ids of its items
   * @param newest the newest time of its items; null where none had one
   * @param events how many of them became events
   */
  record Page(List<String> ids, @Nullable Instant newest, int events) {
    static final Page EMPTY = new Page(List.of(), null, 0);
  }

  PollState {
    seen = List.copyOf(seen);
  }

  /**
   * The state after a row of its hook. A hook that starts, or starts again, has other inputs or
   * another account, forgets what it knew: what happened before is not its business. A change while
   * its polls fail may have mended what is wrong, as when its connection was connected again, so
   * the next poll comes at once; so it does where its events are not delivered any more.
   *
   * @param row a row whose version is above the stored one's
   */
  static PollState of(@Nullable PollState stored, HookRow row, Instant now) {
    if (stored == null) {
      return blank(row, 0, row.firstItems(), fires(row) ? now : null);
    }
    if (!fires(row)) {
      return stored.stopped(row);
    }
    if (!stored.goesOn(row)) {
      return blank(row, stored.number, stored.first, now);
    }
    Draft next = stored.draft();
    next.hook = row;
    if (stored.failures > 0) {
      next.failures = 0;
      next.earliest = null;
      next.wake(now);
    } else if (stored.hook.subscribed() && !row.subscribed()) {
      next.wake(now);
    }
    return next.state();
  }

  /** Whether a newer row lets its polls go on where they are. */
  boolean goesOn(HookRow row) {
    return due != null
        && fires(hook)
        && fires(row)
        && hook.inputs().equals(row.inputs())
        && Objects.equals(hook.connectionId(), row.connectionId());
  }

  /** The state after a row of a hook that is not to be polled any more. */
  PollState stopped(HookRow row) {
    return blank(row, number, first, null);
  }

  private static PollState blank(HookRow row, long number, int first, @Nullable Instant due) {
    return new PollState(
        row, number, null, null, null, List.of(), null, false, false, due, null, 0, 0, first, null,
        false, 0);
  }

  /** With the next poll issued, also where one is in flight, whose result is not waited for. */
  PollState issued(Instant now) {
    Draft next = draft();
    next.number = number + 1;
    next.due = now.plus(DEADLINE);
    next.flight = new Flight("", 0, false, null);
    next.earliest = later(earliest, now.plus(LEAST_PAUSE));
    next.looks = woken ? LOOKS_AFTER_WAKE : looks;
    next.woken = false;
    return next.state();
  }

  /**
   * With a reason to look: the next poll is due at once, or, where one is in flight, as soon as
   * that one is done. Many reasons are one. A hook that fails waits as before.
   */
  PollState woken(Instant now) {
    if (due == null || failures > 0) {
      return this;
    }
    Draft next = draft();
    next.wake(now);
    return next.state();
  }

  /**
   * Whether this is the result, or the page of it, that comes next. Another execution of the same
   * poll may begin anew, where the one before stopped halfway.
   */
  boolean awaits(PollResult result) {
    return flight != null
        && result.getNumber() == number
        && result.getStartedFrom().equals(Optional.ofNullable(cursor))
        && result.getPage() == (result.getAttempt().equals(flight.attempt()) ? flight.page() : 0);
  }

  /**
   * Whether an item with an id that was not seen becomes an event: one that happened since, or one
   * of the newest of the first answer, where these are asked for.
   *
   * @param after how many items come after it in the whole answer
   * @param cut whether that answer is not all there is
   */
  boolean isNew(@Nullable Instant time, int after, boolean cut) {
    if (!primed) {
      return !cut && after < first;
    }
    return !resync || (newest != null && time != null && !time.isBefore(newest));
  }

  /** With a page that is not the last. */
  PollState paged(String attempt, int page, Page found) {
    Draft next = draft();
    next.flight = new Flight(attempt, page + 1, hit(found), newestOf(found));
    next.take(found);
    return next.state();
  }

  /** With an answer that has not changed since the last one. */
  PollState unchanged(Duration every, Duration wait, Instant now) {
    return done(cursor, etag, lastModified, Page.EMPTY, false, every, wait, now);
  }

  /**
   * With a whole result.
   *
   * @param cut whether there is more: then the next poll goes on at once, and what comes first, or
   *     after a lost cursor, is not over
   * @param wait how long the provider asks to wait at least
   */
  PollState done(
      @Nullable String newCursor,
      @Nullable String newEtag,
      @Nullable String newLastModified,
      Page last,
      boolean cut,
      Duration every,
      Duration wait,
      Instant now) {
    boolean hit = hit(last);
    Draft next = draft();
    next.cursor = newCursor;
    next.etag = newEtag;
    next.lastModified = newLastModified;
    next.take(last);
    next.newest = later(newest, newestOf(last));
    next.resync = resync && cut;
    next.primed = primed || !cut;
    next.first = next.primed ? 0 : next.first;
    next.flight = null;
    next.failures = 0;
    next.idle = hit ? 0 : Math.min(idle + 1, IDLE_STEP * MOST_INTERVALS);
    next.earliest = later(earliest, now.plus(wait));
    Instant turn = notBefore(now.plus(wait), spread(now, every.multipliedBy(intervals(next.idle))));
    if (cut || woken) {
      turn = next.soonest(now);
    } else if (looks > 0) {
      int left = hit ? LOOKS_AFTER_WAKE : looks;
      next.looks = left - 1;
      turn = sooner(turn, next.soonest(now.plus(pauseAfterWake(left))));
    }
    next.due = turn;
    return next.state();
  }

  private static Duration pauseAfterWake(int looksLeft) {
    return LEAST_PAUSE.multipliedBy(1L << (LOOKS_AFTER_WAKE - looksLeft));
  }

  private static int intervals(int idle) {
    return Math.min(MOST_INTERVALS, 1 + idle / IDLE_STEP);
  }

  /** With a poll that failed. */
  PollState failed(Duration every, Duration wait, Instant now) {
    int count = Math.min(failures + 1, 30);
    Duration doubled = every.multipliedBy(1L << Math.min(count - 1, 16));
    Duration backoff = doubled.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : doubled;
    Draft next = draft();
    next.failures = count;
    next.flight = null;
    next.earliest = later(earliest, now.plus(wait));
    next.due =
        woken && count == 1 ? next.soonest(now) : notBefore(now.plus(wait), spread(now, backoff));
    return next.state();
  }

  /** With a poll that was not carried out, for want of budget, and is issued again later. */
  PollState deferred(Duration wait, Instant now) {
    Draft next = draft();
    next.flight = null;
    next.earliest = later(earliest, now.plus(wait));
    next.due = next.soonest(now);
    return next.state();
  }

  /**
   * Without the cursor, which the provider does not know any more: the next answer sets one. Where
   * items have times, they tell what is new in it; elsewhere all of it is old.
   */
  PollState withoutCursor() {
    boolean comparable = primed && newest != null;
    Draft next = draft();
    next.cursor = null;
    next.etag = null;
    next.lastModified = null;
    next.resync = comparable;
    next.primed = comparable;
    return next.state();
  }

  /** Without anything to come until the hook's next row. */
  PollState silent() {
    Draft next = draft();
    next.due = null;
    next.flight = null;
    return next.state();
  }

  private boolean hit(Page page) {
    return (flight != null && flight.hit()) || page.events() > 0;
  }

  private @Nullable Instant newestOf(Page page) {
    return later(flight == null ? null : flight.newest(), page.newest());
  }

  /**
   * The first instant at least half a pause from now at which it is this hook's turn: hooks that
   * were polled together drift apart.
   */
  private Instant spread(Instant now, Duration pause) {
    long millis = pause.toMillis();
    long soonest = now.toEpochMilli() + millis / 2;
    long turn = Math.floorMod((long) hook.id().hashCode() * 0x9E3779B97F4A7C15L, millis);
    return Instant.ofEpochMilli(soonest + Math.floorMod(turn - soonest, millis));
  }

  /** The later one; null where both are. */
  static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
    return one == null || (other != null && other.isAfter(one)) ? other : one;
  }

  private static Instant sooner(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static Instant notBefore(Instant earliest, Instant planned) {
    return planned.isBefore(earliest) ? earliest : planned;
  }

  private static boolean fires(HookRow row) {
    return row.enabled() && row.deletedAt() == null;
  }

  private Draft draft() {
    return new Draft(this);
  }

  /** The next state while it is made. */
  private static final class Draft {
    private HookRow hook;
    private long number;
    private @Nullable String cursor;
    private @Nullable String etag;
    private @Nullable String lastModified;
    private List<String> seen;
    private @Nullable Instant newest;
    private boolean resync;
    private boolean primed;
    private @Nullable Instant due;
    private @Nullable Flight flight;
    private int failures;
    private int idle;
    private int first;
    private @Nullable Instant earliest;
    private boolean woken;
    private int looks;

    Draft(PollState from) {
      hook = from.hook;
      number = from.number;
      cursor = from.cursor;
      etag = from.etag;
      lastModified = from.lastModified;
      seen = from.seen;
      newest = from.newest;
      resync = from.resync;
      primed = from.primed;
      due = from.due;
      flight = from.flight;
      failures = from.failures;
      idle = from.idle;
      first = from.first;
      earliest = from.earliest;
      woken = from.woken;
      looks = from.looks;
    }

    void wake(Instant now) {
      if (flight == null) {
        Instant soonest = soonest(now);
        due = due == null ? soonest : sooner(due, soonest);
        looks = LOOKS_AFTER_WAKE;
      } else {
        woken = true;
      }
    }

    Instant soonest(Instant turn) {
      return earliest == null ? turn : notBefore(earliest, turn);
    }

    void take(Page page) {
      first = Math.max(0, first - page.events());
      LinkedHashSet<String> all = new LinkedHashSet<>(seen);
      for (String id : page.ids()) {
        all.remove(id);
        all.add(id);
      }
      List<String> list = new ArrayList<>(all);
      seen = list.subList(Math.max(0, list.size() - MOST_SEEN), list.size());
    }

    PollState state() {
      return new PollState(
          hook,
          number,
          cursor,
          etag,
          lastModified,
          seen,
          newest,
          resync,
          primed,
          due,
          flight,
          failures,
          idle,
          first,
          earliest,
          woken,
          looks);
    }
  }
}
