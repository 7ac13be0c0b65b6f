package dev.areaflow.topology;

import java.time.Duration;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Commits a change that somebody waits for before the commit interval is over. Of many changes only
 * one now and then: a commit takes about as long as the wait that it saves. Belongs to one task.
 */
final class EarlyCommit {
  private static final Duration LEAST_APART = Duration.ofMillis(200);

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
