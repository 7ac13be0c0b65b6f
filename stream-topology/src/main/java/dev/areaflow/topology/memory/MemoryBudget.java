package dev.areaflow.topology.memory;

import dev.areaflow.schemas.backtest.BacktestEndedException;

/** How much the stores of one simulated task may hold together. For one thread. */
public final class MemoryBudget {
  private static final long MEBIBYTE = 1024 * 1024;

  private final long most;
  private long used;

  /**
   * @param most bytes
   */
  public MemoryBudget(long most) {
    this.most = most;
  }

  void add(long bytes) {
    used += bytes;
    if (used > most) {
      throw new BacktestEndedException(
          "what the AREA remembers at a time takes more than the %d MiB that a backtest has; choose a"
                  .formatted(most / MEBIBYTE)
              + " shorter range, or have the rule keep less");
    }
  }
}
