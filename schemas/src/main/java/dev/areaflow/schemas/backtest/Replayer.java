package dev.areaflow.schemas.backtest;

import java.util.function.Consumer;

/**
 * Finds what a replay of an AREA has to write that has a rule, or listens to several hooks. Safe
 * for several threads.
 */
public interface Replayer {

  /**
   * Finds it on the calling thread. Nothing is written anywhere. The same AREA over the same events
   * gives the same, in the same order. An interrupt ends it.
   *
   * @param asked the AREA's condition and rule count, what it does not
   * @param lines is told what is found, and the end last; what it throws ends it
   * @throws BacktestEndedException where a bound is reached
   * @throws InterruptedException where the thread is interrupted
   */
  void replay(Backtest asked, Consumer<ReplayLine> lines) throws InterruptedException;
}
