package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.ReplayLine;
import dev.areaflow.schemas.backtest.Replayer;
import dev.areaflow.schemas.topics.RegistrySerdes;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import dev.areaflow.topology.memory.MemoryBudget;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.Deserializer;

/** Finds what replays have to write in {@code area.events}, with consumers that only read. */
public final class TopicReplayer implements Replayer {
  private static final Duration PROGRESS = Duration.ofMillis(500);

  private final BacktestConfig config;
  private final TopicSerdes serdes;

  /** Over the topics that the settings name. */
  public TopicReplayer(BacktestConfig config) {
    this(config, new RegistrySerdes(config.topics().registryUrl()));
  }

  /** The same with other serdes than the registry's. */
  public TopicReplayer(BacktestConfig config, TopicSerdes serdes) {
    this.config = config;
    this.serdes = serdes;
  }

  @Override
  public void replay(Backtest asked, Consumer<ReplayLine> lines) throws InterruptedException {
    try (var consumer = RangeReader.consumer(config.topics().bootstrapServers());
        Deserializer<Event> events = serdes.values(Topics.EVENTS).deserializer()) {
      RangeReader reader = new RangeReader(consumer, events, asked);
      TaskConfig task =
          new TaskConfig(reader.partitions(), config.deduplicationWindow(), config.ruleLimits());
      ReplayRun run =
          new ReplayRun(asked, task, new MemoryBudget(config.memory()), lines, reader::scanned);
      lines.accept(new ReplayLine.Begun(reader.size()));
      long told = System.nanoTime();
      while (!run.isComplete() && reader.next(run)) {
        if (System.nanoTime() - told > PROGRESS.toNanos()) {
          told = System.nanoTime();
          lines.accept(new ReplayLine.Progress(reader.scanned()));
        }
      }
      run.end();
    }
  }
}
