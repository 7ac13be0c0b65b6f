package dev.areaflow.schemas.backtest;

/** A backtest reached a bound; the message says which, and what to do. */
public final class BacktestEndedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BacktestEndedException(String message) {
    super(message);
  }
}
