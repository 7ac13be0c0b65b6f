package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.topology.rows.HomeKey;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.streams.state.WindowStore;

/**
 * The ids of events that matched, remembered for at least the window and at most a third longer.
 *
 * <p>They lie in buckets of a third of the window, by record time: an id is looked up in each
 * bucket that the window reaches into, and old buckets fall away whole, in the store as in its
 * changelog, without a write for each id.
 */
final class SeenEvents {
  private static final int BUCKETS = 3;
  private static final byte[] MARK = {1};

  /** Not a hook: it only moves the store's time where no event does. */
  private static final HomeKey CLOCK = new HomeKey("", "");

  private final WindowStore<HomeKey, byte[]> store;
  private final long bucketMillis;
  private long newestBucket;

  SeenEvents(WindowStore<HomeKey, byte[]> store, Duration window) {
    this.store = store;
    this.bucketMillis = bucket(window).toMillis();
  }

  static Duration bucket(Duration window) {
    return window.dividedBy(BUCKETS);
  }

  /** How long the store must keep what is put: the window, and the bucket that it begins in. */
  static Duration retention(Duration window) {
    return window.plus(bucket(window));
  }

  /**
   * What an event is remembered by: each replay of it, for each AREA, is another. At the home of an
   * AREA with several hooks two of their events may have one id.
   */
  static String id(Event event) {
    if (event.getGeneration() == 0) {
      return event.getId();
    }
    String replayed =
        event.getId() + '\0' + event.getGeneration() + '\0' + event.getOnlyArea().orElse("");
    return event.getOf().isEmpty() ? replayed : replayed + '\0' + event.getHookId();
  }

  boolean contains(String hookId, String eventId, Instant at) {
    HomeKey key = new HomeKey(hookId, eventId);
    long bucket = bucketOf(at);
    for (int i = 0; i <= BUCKETS && bucket >= 0; i++, bucket -= bucketMillis) {
      if (store.fetch(key, bucket) != null) {
        return true;
      }
    }
    return false;
  }

  void add(String hookId, String eventId, Instant at) {
    store.put(new HomeKey(hookId, eventId), MARK, bucketOf(at));
  }

  /** Lets go of what is too old at this time. */
  void advance(Instant now) {
    long bucket = bucketOf(now);
    if (bucket > newestBucket) {
      newestBucket = bucket;
      store.put(CLOCK, MARK, bucket);
    }
  }

  private long bucketOf(Instant at) {
    return at.toEpochMilli() / bucketMillis * bucketMillis;
  }
}
