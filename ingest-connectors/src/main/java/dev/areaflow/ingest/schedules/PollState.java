package dev.areaflow.ingest.schedules;

import dev.areaflow.schemas.avro.PollResult;
import dev.areaflow.schemas.rows.HookRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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
    int idle) {

  /** Twice the most items of one answer: what an answer still has is never forgotten. */
  static final int MOST_SEEN = 2_000;

  /** How long a poll has; then it is issued again. */
  static final Duration DEADLINE = Duration.ofMinutes(1);

  /** Longest pause after failures, unless the provider asks for more. */
  static final Duration LONGEST_BACKOFF = Duration.ofHours(1);

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

  PollState {
    seen = List.copyOf(seen);
  }

  /**
   * The state after a row of its hook. A hook that starts, or starts again, or has other inputs,
   * forgets what it knew: what happened before is not its business. One that is not subscribed any
   * more is polled at once.
   *
   * @param row a row whose version is above the stored one's
   */
  static PollState of(@Nullable PollState stored, HookRow row, Instant now) {
    long number = stored == null ? 0 : stored.number;
    if (!fires(row)) {
      return stopped(stored, row);
    }
    if (stored != null && stored.goesOn(row)) {
      boolean lostSubscription = stored.hook.subscribed() && !row.subscribed();
      return new PollState(
          row,
          number,
          stored.cursor,
          stored.etag,
          stored.lastModified,
          stored.seen,
          stored.newest,
          stored.resync,
          stored.primed,
          lostSubscription && stored.flight == null ? now : stored.due,
          stored.flight,
          stored.failures,
          stored.idle);
    }
    return blank(row, number, now);
  }

  /** Whether what is remembered holds for a hook of this row, too. */
  boolean goesOn(HookRow row) {
    return due != null && fires(hook) && fires(row) && hook.inputs().equals(row.inputs());
  }

  /** The state after a row of a hook that is not to be polled, or not any more. */
  static PollState stopped(@Nullable PollState stored, HookRow row) {
    return blank(row, stored == null ? 0 : stored.number, null);
  }

  private static PollState blank(HookRow row, long number, @Nullable Instant due) {
    return new PollState(
        row, number, null, null, null, List.of(), null, false, false, due, null, 0, 0);
  }

  /** With the next poll issued, also where one is in flight, whose result is not waited for. */
  PollState issued(Instant now) {
    return scheduled(number + 1, now.plus(DEADLINE), new Flight("", 0, false, null), failures);
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

  /** Whether an item with an id that was not seen is one that happened since. */
  boolean isNew(@Nullable Instant time) {
    return primed && (!resync || (newest != null && time != null && !time.isBefore(newest)));
  }

  /** With a page that is not the last. */
  PollState paged(String attempt, int page, List<String> ids, @Nullable Instant time, boolean hit) {
    return new PollState(
        hook,
        number,
        cursor,
        etag,
        lastModified,
        remembered(ids),
        newest,
        resync,
        primed,
        due,
        new Flight(attempt, page + 1, hit, newestOf(time)),
        failures,
        idle);
  }

  /**
   * With a whole result.
   *
   * @param wait how long the provider asks to wait at least
   */
  PollState done(
      @Nullable String newCursor,
      @Nullable String newEtag,
      @Nullable String newLastModified,
      List<String> ids,
      @Nullable Instant time,
      boolean hit,
      Duration every,
      Duration wait,
      Instant now) {
    int quiet = hit ? 0 : Math.min(idle + 1, IDLE_STEP * MOST_INTERVALS);
    Duration pause = every.multipliedBy(Math.min(MOST_INTERVALS, 1 + quiet / IDLE_STEP));
    Instant next = notBefore(now.plus(wait), spread(now, pause));
    return new PollState(
        hook,
        number,
        newCursor,
        newEtag,
        newLastModified,
        remembered(ids),
        later(newest, newestOf(time)),
        false,
        true,
        next,
        null,
        0,
        quiet);
  }

  /** With a poll that failed. */
  PollState failed(Duration every, Duration wait, Instant now) {
    int count = Math.min(failures + 1, 30);
    Duration doubled = every.multipliedBy(1L << Math.min(count - 1, 16));
    Duration backoff = doubled.compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : doubled;
    Instant next = notBefore(now.plus(wait), spread(now, backoff));
    return scheduled(number, next, null, count);
  }

  /**
   * Without the cursor, which the provider does not know any more: the next answer sets one. Where
   * items have times, they tell what is new in it; elsewhere all of it is old.
   */
  PollState withoutCursor() {
    boolean comparable = primed && newest != null;
    return new PollState(
        hook,
        number,
        null,
        null,
        null,
        seen,
        newest,
        comparable,
        comparable,
        due,
        flight,
        failures,
        idle);
  }

  /** Without anything to come until the hook's next row. */
  PollState silent() {
    return scheduled(number, null, null, failures);
  }

  /** With all that polls found. */
  private PollState scheduled(
      long nextNumber, @Nullable Instant nextDue, @Nullable Flight nextFlight, int nextFailures) {
    return new PollState(
        hook,
        nextNumber,
        cursor,
        etag,
        lastModified,
        seen,
        newest,
        resync,
        primed,
        nextDue,
        nextFlight,
        nextFailures,
        idle);
  }

  boolean hit() {
    return flight != null && flight.hit();
  }

  private @Nullable Instant newestOf(@Nullable Instant time) {
    return later(flight == null ? null : flight.newest(), time);
  }

  private List<String> remembered(List<String> ids) {
    LinkedHashSet<String> all = new LinkedHashSet<>(seen);
    for (String id : ids) {
      all.remove(id);
      all.add(id);
    }
    List<String> list = new ArrayList<>(all);
    return list.subList(Math.max(0, list.size() - MOST_SEEN), list.size());
  }

  /**
   * The first instant at least half a pause from now at which it is this hook's turn: hooks that
   * were polled together drift apart.
   */
  private Instant spread(Instant now, Duration pause) {
    long millis = pause.toMillis();
    long earliest = now.toEpochMilli() + millis / 2;
    long turn = Math.floorMod((long) hook.id().hashCode() * 0x9E3779B97F4A7C15L, millis);
    return Instant.ofEpochMilli(earliest + Math.floorMod(turn - earliest, millis));
  }

  /** The later one; null where both are. */
  static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
    return one == null || (other != null && other.isAfter(one)) ? other : one;
  }

  private static Instant notBefore(Instant earliest, Instant planned) {
    return planned.isBefore(earliest) ? earliest : planned;
  }

  private static boolean fires(HookRow row) {
    return row.enabled() && row.deletedAt() == null;
  }
}
