package dev.areaflow.ingest.ingress;

import dev.areaflow.schemas.avro.HookActivity;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the {@link HookTallies} about once a second, and a last time when it is closed. Counts
 * that Kafka did not acknowledge are reported again, so after an outage a few may count twice.
 */
final class HookActivityReporter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HookActivityReporter.class);
  private static final Duration EVERY = Duration.ofSeconds(1);

  /** Where reports go. */
  interface Reports {
    void report(HookActivity activity, BiConsumer<HookActivity, @Nullable Exception> done);
  }

  private final HookTallies tallies;
  private final Reports reports;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("hook-activity").daemon().factory());

  HookActivityReporter(HookTallies tallies, Reports reports) {
    this.tallies = tallies;
    this.reports = reports;
  }

  @SuppressWarnings("FutureReturnValueIgnored") // report() lets no exception out
  void start() {
    timer.scheduleWithFixedDelay(
        this::report, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Sends what was counted since the last time. */
  void report() {
    for (HookActivity activity : tallies.take()) {
      reports.report(activity, this::done);
    }
  }

  private void done(HookActivity activity, @Nullable Exception failure) {
    if (failure != null) {
      LOG.debug("counts of hook {} not reported yet", activity.getHookId(), failure);
      tallies.add(activity);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    report();
  }
}
