package dev.areaflow.catalog.http;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether one request began to leave. A call that failed before that was certainly not made; after
 * it, only an answer tells. Of one call; safe for several threads.
 */
public final class Departure {
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

  private enum State {
    WAITING,
    LEFT,
    GIVEN_UP
  }

  /** Whether its first byte may have been sent. It stays false once the call has ended so. */
  public boolean isLeft() {
    return state.get() == State.LEFT;
  }

  /** Told right before the first byte; false if the call was given up, and nothing may be sent. */
  boolean leave() {
    return state.compareAndSet(State.WAITING, State.LEFT) || isLeft();
  }

  /** Keeps what did not leave yet from leaving. */
  void giveUp() {
    state.compareAndSet(State.WAITING, State.GIVEN_UP);
  }
}
