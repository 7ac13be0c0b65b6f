package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.BacktestEndedException;
import dev.areaflow.schemas.backtest.BacktestLine;
import dev.areaflow.schemas.backtest.Backtester;
import dev.areaflow.schemas.topics.RegistrySerdes;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import dev.areaflow.topology.memory.MemoryBudget;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Deserializer;

/** Runs backtests over {@code area.events}, with consumers that only read. */
public final class TopicBacktester implements Backtester {
  private static final Duration PROGRESS = Duration.ofMillis(500);

  private final BacktestConfig config;
  private final TopicSerdes serdes;
  private final Supplier<org.apache.kafka.clients.consumer.Consumer<String, ByteBuffer>> consumers;

  /** Over the topics that the settings name. */
  public TopicBacktester(BacktestConfig config) {
    this(
        config,
        new RegistrySerdes(config.topics().registryUrl()),
        () -> RangeReader.consumer(config.topics().bootstrapServers()));
  }

  TopicBacktester(
      BacktestConfig config,
      TopicSerdes serdes,
      Supplier<org.apache.kafka.clients.consumer.Consumer<String, ByteBuffer>> consumers) {
    this.config = config;
    this.serdes = serdes;
    this.consumers = consumers;
  }

  @Override
  public void run(Backtest backtest, Consumer<BacktestLine> lines) throws InterruptedException {
    long since = System.nanoTime();
    try (var consumer = consumers.get();
        Deserializer<Event> events = serdes.values(Topics.EVENTS).deserializer()) {
      RangeReader reader = new RangeReader(consumer, events, backtest);
      TaskConfig task =
          new TaskConfig(reader.partitions(), config.deduplicationWindow(), config.ruleLimits());
      BacktestRun run = new BacktestRun(backtest, task, new MemoryBudget(config.memory()), lines);
      long told = since;
      lines.accept(new BacktestLine.Progress(0, reader.size()));
      while (!run.isComplete() && reader.next(run)) {
        check(since);
        if (System.nanoTime() - told > PROGRESS.toNanos()) {
          told = System.nanoTime();
          lines.accept(new BacktestLine.Progress(reader.scanned(), reader.size()));
        }
      }
      run.end(reader.scanned(), Duration.ofNanos(System.nanoTime() - since));
    }
  }

  private void check(long since) {
    if (System.nanoTime() - since > config.time().toNanos()) {
      throw new BacktestEndedException(
          "the backtest took longer than %s; choose a shorter range".formatted(config.time()));
    }
  }
}
