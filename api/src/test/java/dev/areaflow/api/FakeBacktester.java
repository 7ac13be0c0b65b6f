package dev.areaflow.api;

import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.BacktestLine;
import dev.areaflow.schemas.backtest.Backtester;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Tells one line of each kind; the real one is tested where it is, and in the launcher. */
final class FakeBacktester implements Backtester {
  @Override
  public void run(Backtest backtest, Consumer<BacktestLine> lines) {
    lines.accept(new BacktestLine.Progress(0, 2));
    lines.accept(
        new BacktestLine.Firing(
            backtest.from(),
            List.of("event-1"),
            List.of(
                new BacktestLine.Call(
                    "tell", 0, backtest.from().plusSeconds(60), "{\"a\":1}", List.of("before"))),
            Map.of("other", "no such key: a")));
    lines.accept(new BacktestLine.Problem(backtest.from(), "event-2", "no such key: b"));
    lines.accept(new BacktestLine.Summary(2, 1, 0, 1, 0, 0, 1, 2, Duration.ofMillis(1_500)));
  }
}
