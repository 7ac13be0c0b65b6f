package dev.areaflow.topology;

import java.time.Duration;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Commits what somebody waits for before the commit interval is over, but not more often than many
 * changes at once can bear. Belongs to one task.
 */
final class EarlyCommit {
  private static final Duration LEAST_APART = Duration.ofMillis(20);

  private final ProcessorContext<?, ?> context;
  private long lastMillis;

  EarlyCommit(ProcessorContext<?, ?> context) {
    this.context = context;
  }

  /** What was done in this call of the processor is committed right after it, where that may be. */
  void request() {
    long now = context.currentSystemTimeMs();
    if (Math.abs(now - lastMillis) >= LEAST_APART.toMillis()) {
      lastMillis = now;
      context.commit();
    }
  }
}
