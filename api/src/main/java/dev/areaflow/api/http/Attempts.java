package dev.areaflow.api.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;

/**
 * Limits how often something is tried under one key: so many at once, and then a steady trickle. An
 * attempt that turns out to be legitimate is given back. Kept in memory, for each process by
 * itself.
 *
 * <p>Safe for several threads.
 */
public final class Attempts {
  private static final int MOST_KEYS = 100_000;

  private final Cache<String, Bucket> buckets =
      Caffeine.newBuilder().maximumSize(MOST_KEYS).expireAfterAccess(Duration.ofHours(1)).build();
  private final int capacity;
  private final Duration refill;

  /**
   * @param capacity attempts at once
   * @param refill time in which that many more are allowed, at most an hour
   */
  public Attempts(int capacity, Duration refill) {
    this.capacity = capacity;
    this.refill = refill;
  }

  /**
   * Takes an attempt.
   *
   * @throws Problem 429 where there is none left
   */
  public void take(String key) {
    ConsumptionProbe probe = bucket(key).tryConsumeAndReturnRemaining(1);
    if (!probe.isConsumed()) {
      throw Problem.tooMany(
          "Too many attempts; wait a moment.", Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }
  }

  /** Takes an attempt where there is one left. */
  public boolean takeOneLeft(String key) {
    return bucket(key).tryConsume(1);
  }

  /** Gives an attempt back. */
  public void giveBack(String key) {
    bucket(key).addTokens(1);
  }

  private Bucket bucket(String key) {
    return buckets.get(
        key,
        _ ->
            Bucket.builder()
                .addLimit(limit -> limit.capacity(capacity).refillGreedy(capacity, refill))
                .build());
  }
}
