package dev.areaflow.ingest.ingress;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many deliveries, and bytes of them, are being worked on; more than the limits are refused
 * rather than queued.
 *
 * <p>Safe for several threads.
 */
final class InFlight {
  private final int mostDeliveries;
  private final long mostBytes;
  private final AtomicInteger deliveries = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  InFlight(int mostDeliveries, long mostBytes) {
    this.mostDeliveries = mostDeliveries;
    this.mostBytes = mostBytes;
  }

  /** Takes a delivery's place; whoever gets true calls {@link #leave} with the same size. */
  boolean enter(long size) {
    if (deliveries.incrementAndGet() > mostDeliveries) {
      deliveries.decrementAndGet();
      return false;
    }
    if (bytes.addAndGet(size) > mostBytes) {
      leave(size);
      return false;
    }
    return true;
  }

  void leave(long size) {
    deliveries.decrementAndGet();
    bytes.addAndGet(-size);
  }

  int deliveries() {
    return deliveries.get();
  }

  long bytes() {
    return bytes.get();
  }
}
