package dev.areaflow.api;

import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.BacktestLine;
import dev.areaflow.schemas.backtest.Backtester;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Tells one line of each kind, or goes on until it is cancelled. The real one is tested where it
 * is, and in the launcher.
 */
public final class FakeBacktester implements Backtester {
  /** The name of AREAs whose backtests do not end by themselves. */
  public static final String ENDLESS = "endless";

  private final BlockingQueue<Backtest> begun = new LinkedBlockingQueue<>();
  private final BlockingQueue<Backtest> ended = new LinkedBlockingQueue<>();

  @Override
  public void run(Backtest backtest, Consumer<BacktestLine> lines) throws InterruptedException {
    begun.add(backtest);
    try {
      lines.accept(new BacktestLine.Progress(0, 2));
      while (backtest.area().name().equals(ENDLESS)) {
        if (Thread.interrupted()) {
          throw new InterruptedException("cancelled");
        }
        lines.accept(new BacktestLine.Progress(1, 2));
      }
      lines.accept(
          new BacktestLine.Firing(
              backtest.from(),
              List.of("event-1"),
              List.of(
                  new BacktestLine.Call(
                      "tell", 0, backtest.from().plusSeconds(60), "{\"a\":1}", List.of("before"))),
              Map.of("other", "no such key: a"),
              backtest.manner() == Backtest.Manner.REPLAY ? Map.of("mail", "not safe") : Map.of()));
      lines.accept(new BacktestLine.Problem(backtest.from(), "event-2", "no such key: b"));
      lines.accept(new BacktestLine.Summary(10, 1, 4, 2, 1, 0, 3, 1, 11, Duration.ofMillis(1_500)));
    } finally {
      ended.add(backtest);
    }
  }

  /** The next that was begun. */
  public Backtest begun() throws InterruptedException {
    return begun.take();
  }

  /** The next that ended, however. */
  public Backtest ended() throws InterruptedException {
    return ended.take();
  }
}
