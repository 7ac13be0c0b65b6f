package dev.areaflow.catalog.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * This process's part of the calls that services take. A call over budget is put off at once, never
 * held; the times to come back are as far apart as the budget has calls, so that what was put off
 * does not come back together.
 *
 * <p>Safe for several threads. What was called is forgotten with the process, and a day after the
 * last call.
 */
public final class CallBudgets {
  private static final int MOST_KEPT = 100_000;

  /** What may be called at once, as a part of a limit; the rest comes evenly. */
  private static final int BURST_PART = 10;

  private final int callers;
  private final Ticker ticker;
  private final Cache<Key, Budget> budgets;
  private final Cache<Caller, Refusal> refusals;

  private record Caller(String service, String connection) {}

  private record Key(CallLimit limit, String service, String connection) {}

  /**
   * @param callers how many processes share each limit, this one included
   * @param ticker the time in nanoseconds, from any origin
   */
  public CallBudgets(int callers, Ticker ticker) {
    this.callers = callers;
    this.ticker = ticker;
    this.budgets =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterAccess(CallLimit.LONGEST_WINDOW)
            .maximumSize(MOST_KEPT)
            .build();
    this.refusals =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterWrite(CallResult.LONGEST_RETRY_AFTER)
            .maximumSize(MOST_KEPT)
            .build();
  }

  /**
   * Takes one call.
   *
   * @param connection whose call it is, empty where it is nobody's
   * @return how long to wait before another try where there is none left; empty where it was taken
   */
  public synchronized Optional<Duration> take(
      String service, List<CallLimit> limits, Optional<String> connection) {
    long now = ticker.read();
    @Nullable Refusal refusal = refusals.getIfPresent(new Caller(service, connection.orElse("")));
    if (refusal != null && refusal.isOver(now)) {
      refusals.invalidate(new Caller(service, connection.orElse("")));
    } else if (refusal != null) {
      return Optional.of(refusal.comeBack(now));
    }
    List<Budget> all = all(service, limits, connection, now);
    Optional<Duration> wait =
        all.stream()
            .filter(budget -> budget.freeAt() - now > 0)
            .map(budget -> budget.comeBack(now))
            .max(Duration::compareTo);
    if (wait.isEmpty()) {
      all.forEach(budget -> budget.take(now));
    }
    return wait;
  }

  /**
   * Notes that a service refused a call because there were too many: no more are made for this
   * connection in this time.
   */
  public synchronized void refused(String service, Optional<String> connection, Duration wait) {
    refusals.put(
        new Caller(service, connection.orElse("")), new Refusal(ticker.read() + wait.toNanos()));
  }

  /** Takes a call that belongs to one which was begun, whether there is one left or not. */
  public synchronized void owe(
      String service, List<CallLimit> limits, Optional<String> connection) {
    long now = ticker.read();
    all(service, limits, connection, now).forEach(budget -> budget.take(now));
  }

  private List<Budget> all(
      String service, List<CallLimit> limits, Optional<String> connection, long now) {
    return limits.stream()
        .map(
            limit ->
                switch (limit.scope()) {
                  case CONNECTION -> new Key(limit, service, connection.orElse(""));
                  case SERVICE -> new Key(limit, service, "");
                })
        .map(key -> budgets.get(key, made -> new Budget(made.limit(), now)))
        .toList();
  }

  /**
   * A time in which a service takes no calls. Those that were put off do not all come at its end.
   */
  private static final class Refusal {
    private static final long GAP_NANOS = Duration.ofMillis(250).toNanos();

    private final long end;
    private long lastReturn;

    Refusal(long end) {
      this.end = end;
      this.lastReturn = end;
    }

    boolean isOver(long now) {
      return now - end >= 0;
    }

    Duration comeBack(long now) {
      lastReturn += GAP_NANOS;
      return Duration.ofNanos(lastReturn - now);
    }
  }

  /**
   * A bucket that is full of calls at first. Since it fills while it is emptied, a full one and
   * what fills it in one window are the limit together.
   */
  private final class Budget {
    private final long windowNanos;
    private final long nanosPerCall;
    private final long burstNanos;
    private long paidAt;
    private long lastReturn;

    Budget(CallLimit limit, long now) {
      int calls = Math.max(1, limit.calls() / callers);
      int burst = Math.max(1, calls / BURST_PART);
      windowNanos = limit.window().toNanos();
      nanosPerCall = windowNanos / Math.max(1, calls - burst);
      burstNanos = nanosPerCall * (burst - 1);
      paidAt = now;
      lastReturn = now;
    }

    /** From when on there is a call to take. */
    long freeAt() {
      return paidAt - burstNanos;
    }

    void take(long now) {
      paidAt = Math.max(paidAt, now) + nanosPerCall;
    }

    Duration comeBack(long now) {
      lastReturn = Math.max(lastReturn + nanosPerCall, freeAt());
      lastReturn = Math.min(lastReturn, Math.max(freeAt(), now + windowNanos));
      return Duration.ofNanos(lastReturn - now);
    }
  }
}
