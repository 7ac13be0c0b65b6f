package dev.areaflow.ingest;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks every two seconds whether a broker answers: an idle producer would not notice. */
final class BrokerProbe implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerProbe.class);
  private static final Duration EVERY = Duration.ofSeconds(2);
  private static final Duration ANSWER_WITHIN = Duration.ofMillis(1_500);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final Supplier<Admin> admins;
  private final Thread thread = Thread.ofVirtual().name("broker-probe").unstarted(this::run);
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean reachable;

  BrokerProbe(Supplier<Admin> admins) {
    this.admins = admins;
  }

  void start() {
    thread.start();
  }

  /** Whether a broker answered when last asked. */
  boolean reachable() {
    return reachable;
  }

  private void run() {
    try (Admin admin = admins.get()) {
      do {
        reachable = ask(admin);
      } while (!closing.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean ask(Admin admin) throws InterruptedException {
    int millis = Math.toIntExact(ANSWER_WITHIN.toMillis());
    try {
      admin.describeCluster(new DescribeClusterOptions().timeoutMs(millis)).clusterId().get();
      return true;
    } catch (ExecutionException e) {
      LOG.debug("no broker answers", e.getCause());
      return false;
    }
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      if (thread.isAlive()) { // an unstarted one cannot be joined
        thread.join(CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
