package dev.areaflow.topology.runs;

import dev.areaflow.schemas.rows.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a step is tried again and how long a command may take.
 *
 * @param delays before each retry, in order; after as many the step has failed
 * @param commandValidity how long after its issue the call of a command may still start
 * @param callTimeout the longest that a call takes
 * @param clockSkew how far the clocks of topology and executors may differ
 */
public record RetryPolicy(
    List<Duration> delays, Duration commandValidity, Duration callTimeout, Duration clockSkew) {
  private static final double JITTER = 0.2;
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(24);
  private static final Duration LONGEST_VALIDITY = Duration.ofHours(1);
  private static final Duration SHORTEST_DEFERRAL = Duration.ofMillis(100);
  private static final Duration FIRST_BACK_OFF = Duration.ofSeconds(1);
  private static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(1);

  /** A step without a final answer for so long has failed, whatever kept it. */
  static final Duration PATIENCE = Duration.ofDays(7);

  public RetryPolicy {
    delays = List.copyOf(delays);
  }

  /**
   * How long to wait before the next try, empty where there is none: the schedule's delay, 20 %
   * more or less as the command's id has it, and never less than the provider asked for.
   *
   * @param failed failed tries so far, at least 1
   * @param retryAfter what the provider asked for, zero where it did not; at most 24 h are honoured
   */
  Optional<Duration> delay(String commandId, int failed, Duration retryAfter) {
    return delay(commandId, failed, retryAfter, null);
  }

  /**
   * @param own what the step says about it; null where it says nothing
   */
  Optional<Duration> delay(
      String commandId, int failed, Duration retryAfter, Plan.@Nullable Retry own) {
    Integer attempts = own == null ? null : own.attempts();
    if (failed >= (attempts == null ? delays.size() + 1 : attempts)) {
      return Optional.empty();
    }
    double millis = scheduled(failed, own).toMillis() * (1 + JITTER * spread(commandId, failed));
    Duration asked = clamp(retryAfter, Duration.ZERO, LONGEST_RETRY_AFTER);
    Duration scheduled = Duration.ofMillis(Math.round(millis));
    return Optional.of(asked.compareTo(scheduled) > 0 ? asked : scheduled);
  }

  private Duration scheduled(int failed, Plan.@Nullable Retry own) {
    Duration backoff = own == null ? null : own.backoff();
    if (backoff != null) {
      Duration doubled = backoff.multipliedBy(1L << Math.min(failed - 1, 20));
      return clamp(doubled, Duration.ZERO, LONGEST_RETRY_AFTER);
    }
    return delays.isEmpty() ? FIRST_BACK_OFF : delays.get(Math.min(failed, delays.size()) - 1);
  }

  /** How long to wait before asking the executors again. */
  Duration deferral(Duration retryAfter) {
    return clamp(retryAfter, SHORTEST_DEFERRAL, LONGEST_RETRY_AFTER);
  }

  /**
   * How long to wait before a command is issued again that came back without a call: an executor
   * whose clock is ahead sends every one back at once, and must not be asked without a pause.
   *
   * @param returned how many commands of the step came back so, at least 1
   */
  Duration backOff(int returned) {
    return clamp(
        FIRST_BACK_OFF.multipliedBy(1L << Math.clamp(returned - 1, 0, 10)),
        FIRST_BACK_OFF,
        LONGEST_BACK_OFF);
  }

  /**
   * Until when the call of a command issued now may start. It doubles with each earlier command
   * that nobody answered, so that commands do not heap up while there are no executors.
   */
  Instant notAfter(Instant now, int unanswered) {
    Duration validity = commandValidity.multipliedBy(1L << Math.min(unanswered, 10));
    return now.plus(clamp(validity, commandValidity, longest(commandValidity, LONGEST_VALIDITY)));
  }

  /**
   * When a command that must not start after {@code notAfter} counts as lost.
   *
   * @param timeout the longest that its call may take; null for the executors' own limit
   */
  Instant lostAt(Instant notAfter, @Nullable Duration timeout) {
    return notAfter.plus(timeout == null ? callTimeout : timeout).plus(clockSkew);
  }

  boolean exhausted(Instant startedAt, Instant now) {
    return now.isAfter(startedAt.plus(PATIENCE));
  }

  private static Duration clamp(Duration value, Duration least, Duration most) {
    return value.compareTo(least) < 0 ? least : value.compareTo(most) > 0 ? most : value;
  }

  private static Duration longest(Duration first, Duration second) {
    return first.compareTo(second) > 0 ? first : second;
  }

  /** Between -1 and 1, the same for the same command and try; murmur's finalizer spreads it. */
  private static double spread(String commandId, int failed) {
    int hash = commandId.hashCode() * 31 + failed;
    hash = (hash ^ (hash >>> 16)) * 0x85EBCA6B;
    hash = (hash ^ (hash >>> 13)) * 0xC2B2AE35;
    hash ^= hash >>> 16;
    return hash / (double) (1L << 31);
  }
}
