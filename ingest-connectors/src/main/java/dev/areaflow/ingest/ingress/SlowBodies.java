package dev.areaflow.ingest.ingress;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Ends the reading of bodies that take too long, by interrupting the reader, which closes its
 * connection: a limit on each single read would not stop a sender that trickles.
 *
 * <p>Safe for several threads.
 */
final class SlowBodies implements AutoCloseable {
  private final Duration within;
  private final Set<Reading> readings = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("slow-bodies").daemon().factory());

  SlowBodies(Duration within) {
    this.within = within;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // endSlow() lets no exception out
  void start() {
    long every = Math.max(1, within.toMillis() / 10);
    timer.scheduleWithFixedDelay(this::endSlow, every, every, TimeUnit.MILLISECONDS);
  }

  /** The current thread reads a body, until the answer is closed. */
  Reading reading() {
    Reading reading = new Reading(Thread.currentThread(), System.nanoTime());
    readings.add(reading);
    return reading;
  }

  private void endSlow() {
    long now = System.nanoTime();
    for (Reading reading : readings) {
      if (now - reading.startedAt > within.toNanos()) {
        reading.end();
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  /** One body being read. */
  final class Reading implements AutoCloseable {
    private final Thread reader;
    private final long startedAt;
    private boolean over;
    private boolean ended;

    private Reading(Thread reader, long startedAt) {
      this.reader = reader;
      this.startedAt = startedAt;
    }

    private synchronized void end() {
      if (!over) {
        over = true;
        ended = true;
        reader.interrupt();
      }
    }

    @Override
    public synchronized void close() {
      over = true;
      readings.remove(this);
      if (ended) {
        Thread.interrupted(); // it was meant for the reading alone
      }
    }
  }
}
