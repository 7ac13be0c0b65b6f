package dev.areaflow.schemas.backtest;

import java.util.function.Consumer;

/** Runs backtests. Safe for several threads. */
public interface Backtester {

  /**
   * Runs one on the calling thread. Nothing is written anywhere. An interrupt ends it.
   *
   * @param lines is told what happens, in the order of time, and the summary last; what it throws
   *     ends the backtest
   * @throws BacktestEndedException where a bound is reached
   * @throws InterruptedException where the thread is interrupted
   */
  void run(Backtest backtest, Consumer<BacktestLine> lines) throws InterruptedException;
}
