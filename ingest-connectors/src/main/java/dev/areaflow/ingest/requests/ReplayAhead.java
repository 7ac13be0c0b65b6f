package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.FiredEvent;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.ReplayLine;
import dev.areaflow.schemas.backtest.Replayer;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Lets a {@link Replayer} go ahead of what is written, on a thread of its own, as far as there is
 * room; what was written before is passed over. The other methods are for one thread.
 */
final class ReplayAhead implements AutoCloseable {
  private static final int MOST_ITEMS = 256;
  private static final long MOST_BYTES = RequestTransaction.MOST_BYTES;

  private final Replayer replayer;
  private final Backtest asked;
  private final Instant reachedAt;
  private final int reachedThen;
  private final Thread thread;

  // Of the thread.
  private Instant last = Instant.MIN;
  private int then;
  private long skipped;

  // Of both; guarded by this.
  private final Deque<Item> items = new ArrayDeque<>();
  private long bytes;
  private boolean isClosed;
  private @Nullable Throwable failure;

  /**
   * Begins.
   *
   * @param reachedAt the time of what was written last
   * @param reachedThen how much of that time was written
   */
  ReplayAhead(Replayer replayer, Backtest asked, Instant reachedAt, int reachedThen) {
    this.replayer = replayer;
    this.asked = asked;
    this.reachedAt = reachedAt;
    this.reachedThen = reachedThen;
    this.thread = Thread.ofPlatform().daemon().name("replay-simulation").start(this::run);
  }

  /**
   * Something that was found.
   *
   * @param at of an event its time, else that of the one before
   * @param then the how manieth event of that time it is, from 1
   * @param skipped events that were not taken, since the item before
   */
  record Item(ReplayLine line, Instant at, int then, int skipped) {
    private long bytes() {
      return line instanceof ReplayLine.Found found ? size(found.event()) : 0;
    }

    private static long size(Event event) {
      return event.getPayload().remaining()
          + event.getFiring().stream()
              .flatMap(firing -> firing.getEvents().stream())
              .map(FiredEvent::getPayload)
              .mapToLong(payload -> payload.remaining())
              .sum();
    }
  }

  private void run() {
    try {
      replayer.replay(asked, this::take);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    } catch (RuntimeException | Error e) {
      // told to whoever looks for more; nobody does where it was closed
      synchronized (this) {
        failure = e;
      }
    }
  }

  private void take(ReplayLine line) {
    switch (line) {
      case ReplayLine.Begun _, ReplayLine.Progress _ -> put(new Item(line, last, then, 0));
      case ReplayLine.Found found -> {
        then = found.at().equals(last) ? then + 1 : 1;
        last = found.at();
        int more = more(found.skipped());
        if (!wasWritten()) {
          put(new Item(line, last, then, more));
        }
      }
      case ReplayLine.Ended ended -> put(new Item(line, last, then, more(ended.skipped())));
    }
  }

  private boolean wasWritten() {
    return last.isBefore(reachedAt) || (last.equals(reachedAt) && then <= reachedThen);
  }

  private int more(long skippedByNow) {
    int more = Math.toIntExact(skippedByNow - skipped);
    skipped = skippedByNow;
    return more;
  }

  private synchronized void put(Item item) {
    while (!isClosed && !items.isEmpty() && (items.size() >= MOST_ITEMS || bytes > MOST_BYTES)) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("the replay goes on no more");
      }
    }
    if (isClosed) {
      throw new CancellationException("the replay goes on no more");
    }
    items.add(item);
    bytes += item.bytes();
  }

  /**
   * Looks whether the replayer still goes on, or has ended as it should.
   *
   * @throws RuntimeException what ended it, once all that it found before was taken away
   */
  synchronized void check() {
    if (items.isEmpty() && failure != null) {
      throw failure instanceof RuntimeException known
          ? known
          : new IllegalStateException("the simulation broke off", failure);
    }
  }

  /** The first that was found; null where there is none yet. */
  synchronized @Nullable Item peek() {
    return items.peek();
  }

  /** Takes the first away. */
  synchronized void remove() {
    bytes -= items.remove().bytes();
    notifyAll();
  }

  /** Ends the replayer. */
  @Override
  public void close() {
    thread.interrupt();
    synchronized (this) {
      isClosed = true;
      notifyAll();
    }
  }
}
