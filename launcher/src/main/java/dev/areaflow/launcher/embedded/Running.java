package dev.areaflow.launcher.embedded;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has been started, to be stopped in reverse. A part is added before it starts, so that a
 * start that fails or is interrupted midway is cleaned up too. Safe for several threads.
 */
public final class Running implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Running.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private boolean closed;

  /**
   * Adds a part that is about to start, and returns it.
   *
   * @throws EmbeddedStackException if everything is being stopped already
   */
  public synchronized <T extends AutoCloseable> T add(T part) {
    if (closed) {
      throw new EmbeddedStackException("stopped while starting");
    }
    parts.push(part);
    return part;
  }

  /** Stops every part, the last one first; one that fails does not keep the others running. */
  @Override
  public void close() {
    List<AutoCloseable> stopping;
    synchronized (this) {
      closed = true;
      stopping = List.copyOf(parts);
      parts.clear();
    }
    for (AutoCloseable part : stopping) {
      long since = System.nanoTime();
      try {
        part.close();
        log.info(
            "{} stopped in {} ms",
            part.getClass().getSimpleName(),
            (System.nanoTime() - since) / 1_000_000);
      } catch (Exception e) {
        log.error("{} did not stop cleanly", part.getClass().getSimpleName(), e);
      }
    }
  }
}
