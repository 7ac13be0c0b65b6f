package dev.areaflow.ingest.ingress;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;

/**
 * One token bucket a hook, full at first. A bucket that was not used for a while is full again, so
 * it may be forgotten.
 *
 * <p>Safe for several threads.
 */
final class RateLimits {
  private static final int MOST_BUCKETS = 100_000;

  private final LoadingCache<String, Bucket> buckets;

  /**
   * @param perSecond deliveries of one hook, and how many may come at once
   */
  RateLimits(int perSecond) {
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(MOST_BUCKETS)
            .expireAfterAccess(Duration.ofSeconds(10))
            .build(
                hookId ->
                    Bucket.builder()
                        .addLimit(
                            limit ->
                                limit
                                    .capacity(perSecond)
                                    .refillGreedy(perSecond, Duration.ofSeconds(1)))
                        .build());
  }

  /** Takes one delivery's token: 0, or the whole seconds after which there will be one. */
  int take(String hookId) {
    ConsumptionProbe probe = buckets.get(hookId).tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? 0
        : Math.toIntExact(1 + Duration.ofNanos(probe.getNanosToWaitForRefill()).toSeconds());
  }
}
