package dev.areaflow.executors;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many calls a host gets: so many at once, so many a second, and no more while too many of its
 * calls are slow. A call over a limit is turned away at once with a time to come back; those times
 * are spread, so that what was turned away does not come back together.
 *
 * <p>Safe for several threads. A host is forgotten after ten idle minutes.
 */
final class HostLimits {
  private static final Duration FORGET_AFTER = Duration.ofMinutes(10);
  private static final int MOST_HOSTS = 10_000;
  private static final Duration SLOW = Duration.ofSeconds(2);
  private static final int LEAST_SHARE = 4;
  private static final Duration SOONEST_RETURN = Duration.ofSeconds(1);
  private static final Duration LATEST_RETURN = Duration.ofSeconds(60);

  private final Limits limits;
  private final Ticker ticker;
  private final LoadingCache<String, Host> hosts;
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * What one host gets.
   *
   * @param calls at once
   * @param slowCalls at once that have taken more than two seconds
   * @param callsPerSecond started
   * @param allCalls to all hosts at once: of the places that are left a host gets at most half, so
   *     that some that hang do not take them all
   */
  record Limits(int calls, int slowCalls, int callsPerSecond, int allCalls) {}

  /** Whether a call may start. */
  sealed interface Entry {
    /** It may; whoever got it closes it when the call has ended. */
    record Admitted(Host host, Call call) implements Entry, AutoCloseable {
      @Override
      public void close() {
        host.leave(call);
      }
    }

    /** It may not, but should come back. */
    record TurnedAway(Duration retryAfter, String reason) implements Entry {}
  }

  /** One call under way. */
  static final class Call {
    private final long startedNanos;

    private Call(long startedNanos) {
      this.startedNanos = startedNanos;
    }
  }

  /**
   * @param ticker the time in nanoseconds, from any origin
   */
  HostLimits(Limits limits, Ticker ticker) {
    this.limits = limits;
    this.ticker = ticker;
    this.hosts =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterAccess(FORGET_AFTER)
            .maximumSize(MOST_HOSTS)
            .build(Host::new);
  }

  /** Asks for one call to a host, named {@code host:port}. */
  Entry enter(String host) {
    return hosts.get(host).enter();
  }

  /** The calls and the rate of one host. */
  final class Host {
    private final String name;
    private final SequencedSet<Call> running = new LinkedHashSet<>();
    private final Bucket rate;
    private long nextReturnNanos = ticker.read();

    private Host(String name) {
      this.name = name;
      this.rate =
          Bucket.builder()
              .withCustomTimePrecision(new TickerMeter(ticker))
              .addLimit(
                  limit ->
                      limit
                          .capacity(limits.callsPerSecond())
                          .refillGreedy(limits.callsPerSecond(), Duration.ofSeconds(1)))
              .build();
    }

    private synchronized Entry enter() {
      long now = ticker.read();
      if (running.size() >= limits.calls()) {
        return turnedAway(now, "has " + running.size() + " calls under way, the most it gets");
      }
      if (running.size() >= share()) {
        return turnedAway(
            now, "has " + running.size() + " calls under way, its share while others have many");
      }
      if (tooManySlow(now)) {
        return turnedAway(
            now, "is slow: " + limits.slowCalls() + " calls have taken more than " + SLOW);
      }
      ConsumptionProbe probe = rate.tryConsumeAndReturnRemaining(1);
      if (!probe.isConsumed()) {
        return turnedAway(
            now, "was called " + limits.callsPerSecond() + " times in a second, the most it gets");
      }
      Call call = new Call(now);
      running.add(call);
      underWay.incrementAndGet();
      return new Entry.Admitted(this, call);
    }

    private boolean tooManySlow(long now) {
      int slow = 0;
      for (Iterator<Call> oldestFirst = running.iterator(); oldestFirst.hasNext(); ) {
        if (now - oldestFirst.next().startedNanos <= SLOW.toNanos()) {
          return false;
        }
        slow++;
        if (slow >= limits.slowCalls()) {
          return true;
        }
      }
      return false;
    }

    private Entry turnedAway(long now, String reason) {
      long soonest = now + SOONEST_RETURN.toNanos();
      long latest = now + LATEST_RETURN.toNanos();
      long gap = Duration.ofSeconds(1).toNanos() / limits.calls();
      nextReturnNanos = Math.clamp(nextReturnNanos + gap, soonest, latest);
      return new Entry.TurnedAway(
          Duration.ofNanos(nextReturnNanos - now), name + " " + reason + "; tried again later");
    }

    private int share() {
      return Math.max(LEAST_SHARE, (limits.allCalls() - underWay.get()) / 2);
    }

    private synchronized void leave(Call call) {
      if (running.remove(call)) {
        underWay.decrementAndGet();
      }
    }
  }

  private record TickerMeter(Ticker ticker) implements TimeMeter {
    @Override
    public long currentTimeNanos() {
      return ticker.read();
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }
}
