package dev.areaflow.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Posts deliveries over several connections. In the open loop each has its time on a fixed
 * schedule, and its latency counts from that time, however late it could be sent: a slow answer
 * hides nothing of what waits behind it.
 */
final class LoadGenerator {
  /** Deliveries that are late at the end of the schedule have this long to be sent. */
  private static final long GRACE_NANOS = 5_000_000_000L;

  private final byte[] body;

  LoadGenerator(byte[] body) {
    this.body = body.clone();
  }

  LoadResult run(LoadJob job) throws IOException, InterruptedException {
    List<Worker> workers = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    try {
      for (int i = 0; i < job.connections(); i++) {
        workers.add(
            new Worker(new LoadConnection(URI.create(job.url()), job.headers(), body), job));
      }
      Schedule schedule = new Schedule(job);
      for (Worker worker : workers) {
        threads.add(Thread.ofPlatform().name("load").start(() -> worker.work(schedule)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      return schedule.result(workers);
    } finally {
      for (Worker worker : workers) {
        worker.connection.close();
      }
    }
  }

  /** When each delivery is due. */
  private static final class Schedule {
    private final LoadJob job;
    private final long startNanos = System.nanoTime();
    private final long startMicros = DeliveryId.nowMicros();
    private final long endNanos;
    private final int planned;
    private final AtomicInteger next = new AtomicInteger();

    Schedule(LoadJob job) {
      this.job = job;
      this.endNanos = startNanos + job.seconds() * 1_000_000_000L;
      this.planned = job.isOpenLoop() ? job.rate() * job.seconds() : Integer.MAX_VALUE;
    }

    /** The next delivery's number, or -1 when there is none. */
    int take() {
      boolean over = System.nanoTime() > (job.isOpenLoop() ? endNanos + GRACE_NANOS : endNanos);
      int number = over ? planned : next.getAndIncrement();
      return number < planned ? number : -1;
    }

    long dueNanos(int number) {
      return job.isOpenLoop()
          ? startNanos + (long) (number * (1_000_000_000.0 / job.rate()))
          : System.nanoTime();
    }

    long micros(long nanos) {
      return startMicros + (nanos - startNanos) / 1_000;
    }

    LoadResult result(List<Worker> workers) {
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      Histogram answers = Latency.histogram();
      Map<Integer, Long> statuses = new TreeMap<>();
      long failed = 0;
      for (Worker worker : workers) {
        answers.add(worker.answers);
        worker.statuses.forEach((status, count) -> statuses.merge(status, count, Long::sum));
        failed += worker.failed;
      }
      long accepted = statuses.getOrDefault(202, 0L);
      statuses.remove(202);
      long unsent = job.isOpenLoop() ? Math.max(0, planned - next.get()) : 0;
      return new LoadResult(accepted, statuses, failed, unsent, seconds, Latency.of(answers));
    }
  }

  private static final class Worker {
    private final LoadConnection connection;
    private final LoadJob job;
    private final Histogram answers = Latency.histogram();
    private final Map<Integer, Long> statuses = new TreeMap<>();
    private long failed;

    Worker(LoadConnection connection, LoadJob job) {
      this.connection = connection;
      this.job = job;
    }

    void work(Schedule schedule) {
      for (int number = schedule.take(); number >= 0; number = schedule.take()) {
        long due = schedule.dueNanos(number);
        for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
          LockSupport.parkNanos(wait);
        }
        try {
          int status = connection.post(new DeliveryId(schedule.micros(due), job.run(), number));
          statuses.merge(status, 1L, Long::sum);
          answers.recordValue(Latency.fitting((System.nanoTime() - due) / 1_000));
        } catch (IOException e) {
          failed++;
          System.err.println("connection lost: " + e);
          return;
        }
      }
    }
  }
}
