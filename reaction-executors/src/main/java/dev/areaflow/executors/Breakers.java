package dev.areaflow.executors;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;

/**
 * Keeps calls away from hosts that do not work. A breaker belongs to a host and to whoever calls
 * it, so that one account's failures keep nobody else away. It opens when most of its latest calls
 * failed, lets one call through after a while, and closes when that one is answered.
 *
 * <p>Safe for several threads. What is not asked for is forgotten after twice the window.
 */
final class Breakers {
  private static final int MOST_BREAKERS = 20_000;

  /** While a call tries whether the host works again, the others come back after so long. */
  private static final Duration TRIAL_PATIENCE = Duration.ofSeconds(5);

  private static final Duration RETURN_GAP = Duration.ofMillis(50);
  private static final Duration LONGEST_SPREAD = Duration.ofSeconds(60);

  private final Limits limits;
  private final Listener listener;
  private final Ticker ticker;
  private final LoadingCache<Key, Breaker> breakers;

  /**
   * When a breaker opens and closes.
   *
   * @param leastCalls in the window before it may open
   * @param failurePercent of the calls in the window that open it, at least
   * @param window how far back calls count
   * @param open how long it stays open before a call is tried; twice as long after each that failed
   * @param longestOpen the longest that becomes
   */
  record Limits(
      int leastCalls, int failurePercent, Duration window, Duration open, Duration longestOpen) {
    private Duration openFor(int reopenings) {
      Duration longer = open.multipliedBy(1L << Math.min(reopenings, 20));
      return longer.compareTo(longestOpen) > 0 ? longestOpen : longer;
    }
  }

  /**
   * What is called, and for whom.
   *
   * @param host {@code host:port}
   * @param caller the connection, or the owner where there is none
   */
  record Key(String host, String caller) {}

  /** Hears what breakers do; on any thread. */
  interface Listener {
    /** One opened, or stays open because the call that tried failed. */
    void opened();

    /** A call was kept away. */
    void keptAway();
  }

  /** Whether a call may be made. */
  sealed interface Entry {
    /** It may. */
    record Passed(Permit permit) implements Entry {}

    /** It may not, but should come back. */
    record KeptAway(Duration retryAfter, String reason) implements Entry {}
  }

  /** Where a breaker stands. */
  private sealed interface State {
    /** Calls go through and are counted. */
    record Closed(CallWindow window) implements State {}

    /** No call goes through until then. */
    record Open(long untilNanos, int reopenings) implements State {}

    /** One call tries; no other one goes through until it has ended. */
    record Trying(int reopenings) implements State {}
  }

  /**
   * @param ticker the time in nanoseconds, from any origin
   */
  Breakers(Limits limits, Listener listener, Ticker ticker) {
    this.limits = limits;
    this.listener = listener;
    this.ticker = ticker;
    this.breakers =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterAccess(limits.window().plus(limits.longestOpen()).multipliedBy(2))
            .maximumSize(MOST_BREAKERS)
            .build(Breaker::new);
  }

  /** Asks for one call. */
  Entry enter(Key key) {
    return breakers.get(key).enter();
  }

  /** How many keep calls away at present. */
  long open() {
    return breakers.asMap().values().stream().filter(Breaker::isOpen).count();
  }

  /** One call that may be made; closed when it has ended, whatever became of it. */
  static final class Permit implements AutoCloseable {
    private final Breaker breaker;
    private final boolean tries;
    private boolean told;

    private Permit(Breaker breaker, boolean tries) {
      this.breaker = breaker;
      this.tries = tries;
    }

    /**
     * Tells how the call went. A call of which nothing is told says nothing of its host.
     *
     * @param works whether the host does; a refusal is an answer, too
     */
    void tell(boolean works) {
      told = true;
      breaker.heard(works, tries);
    }

    @Override
    public void close() {
      if (tries && !told) {
        breaker.triedNothing();
      }
    }
  }

  private final class Breaker {
    private final String host;
    private State state = new State.Closed(new CallWindow(limits.window()));
    private long lastReturnNanos = ticker.read();
    private String failures = "";

    private Breaker(Key key) {
      this.host = key.host();
    }

    private synchronized boolean isOpen() {
      return !(state instanceof State.Closed);
    }

    private synchronized Entry enter() {
      long now = ticker.read();
      return switch (state) {
        case State.Closed _ -> new Entry.Passed(new Permit(this, false));
        case State.Open(var until, var reopenings) when until - now <= 0 -> {
          state = new State.Trying(reopenings);
          yield new Entry.Passed(new Permit(this, true));
        }
        case State.Open(var until, var _) -> keptAway(now, until);
        case State.Trying _ -> keptAway(now, now + TRIAL_PATIENCE.toNanos());
      };
    }

    /** Those who are kept away come back one after the other, after the call that tries. */
    private Entry keptAway(long now, long soonest) {
      listener.keptAway();
      long latest = soonest + LONGEST_SPREAD.toNanos();
      lastReturnNanos =
          Math.clamp(lastReturnNanos + RETURN_GAP.toNanos() - now, soonest - now, latest - now)
              + now;
      return new Entry.KeptAway(
          Duration.ofNanos(lastReturnNanos - now),
          host + " does not work: " + failures + "; it is called again when it may work");
    }

    private synchronized void heard(boolean works, boolean tried) {
      long now = ticker.read();
      switch (state) {
        case State.Closed(var window) -> {
          window.count(now, !works);
          CallWindow.Sum sum = window.sum(now);
          if (!works && opens(sum)) {
            failures = sum.failures() + " of its last " + sum.calls() + " calls failed";
            open(now, 0);
          }
        }
        case State.Trying(var reopenings) when tried -> {
          if (works) {
            state = new State.Closed(new CallWindow(limits.window()));
          } else {
            failures = "the call that tried it again failed, too";
            open(now, reopenings + 1);
          }
        }
        // A call that began before it opened tells nothing new.
        case State.Open _, State.Trying _ -> {}
      }
    }

    private boolean opens(CallWindow.Sum sum) {
      return sum.calls() >= limits.leastCalls()
          && sum.failures() * 100L >= (long) limits.failurePercent() * sum.calls();
    }

    private void open(long now, int reopenings) {
      state = new State.Open(now + limits.openFor(reopenings).toNanos(), reopenings);
      listener.opened();
    }

    private synchronized void triedNothing() {
      if (state instanceof State.Trying(var reopenings)) {
        state = new State.Open(ticker.read(), reopenings);
      }
    }
  }
}
