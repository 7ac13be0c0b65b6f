package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.BacktestEndedException;
import dev.areaflow.schemas.backtest.BacktestLine;
import dev.areaflow.schemas.backtest.Backtester;
import dev.areaflow.schemas.topics.RegistrySerdes;
import dev.areaflow.schemas.topics.RegistryUnavailableException;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import dev.areaflow.topology.memory.MemoryBudget;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Runs backtests over {@code area.events}, with consumers that only read. */
public final class TopicBacktester implements Backtester {
  private static final Duration PROGRESS = Duration.ofMillis(500);
  private static final Duration CALL = Duration.ofSeconds(10);
  private static final int FETCH_BYTES = 8 * 1024 * 1024;

  private final BacktestConfig config;
  private final TopicSerdes serdes;
  private final Supplier<org.apache.kafka.clients.consumer.Consumer<String, ByteBuffer>> consumers;

  /** Over the topics that the settings name. */
  public TopicBacktester(BacktestConfig config) {
    this(
        config,
        new RegistrySerdes(config.topics().registryUrl()),
        () -> consumer(config.topics().bootstrapServers()));
  }

  TopicBacktester(
      BacktestConfig config,
      TopicSerdes serdes,
      Supplier<org.apache.kafka.clients.consumer.Consumer<String, ByteBuffer>> consumers) {
    this.config = config;
    this.serdes = serdes;
    this.consumers = consumers;
  }

  private static org.apache.kafka.clients.consumer.Consumer<String, ByteBuffer> consumer(
      String bootstrapServers) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) CALL.toMillis());
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) CALL.toMillis());
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteBufferDeserializer());
  }

  @Override
  public void run(Backtest backtest, Consumer<BacktestLine> lines) throws InterruptedException {
    long since = System.nanoTime();
    try (var consumer = consumers.get();
        Deserializer<Event> events = serdes.values(Topics.EVENTS).deserializer()) {
      EventScan scan =
          new EventScan(
              consumer, SimulatedTask.hooks(backtest.area()), backtest.begin(), backtest.to());
      TaskConfig task =
          new TaskConfig(
              EventScan.partitions(consumer), config.deduplicationWindow(), config.ruleLimits());
      BacktestRun run = new BacktestRun(backtest, task, new MemoryBudget(config.memory()), lines);
      run(scan, run, events, lines, since);
    } catch (OffsetOutOfRangeException e) {
      throw new BacktestEndedException(
          "events of the range were removed while they were read, since they became too old; choose"
              + " a later \"from\"");
    }
  }

  private void run(
      EventScan scan,
      BacktestRun run,
      Deserializer<Event> events,
      Consumer<BacktestLine> lines,
      long since)
      throws InterruptedException {
    long told = since;
    lines.accept(new BacktestLine.Progress(0, scan.size()));
    Optional<List<ConsumerRecord<String, ByteBuffer>>> next = scan.next();
    while (next.isPresent() && !run.isComplete()) {
      for (ConsumerRecord<String, ByteBuffer> record : next.get()) {
        check(since);
        decide(run, events, record);
      }
      check(since);
      if (System.nanoTime() - told > PROGRESS.toNanos()) {
        told = System.nanoTime();
        lines.accept(new BacktestLine.Progress(scan.scanned(), scan.size()));
      }
      next = scan.next();
    }
    run.end(scan.scanned(), Duration.ofNanos(System.nanoTime() - since));
  }

  private void check(long since) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("the backtest was cancelled");
    }
    if (System.nanoTime() - since > config.time().toNanos()) {
      throw new BacktestEndedException(
          "the backtest took longer than %s; choose a shorter range".formatted(config.time()));
    }
  }

  private static void decide(
      BacktestRun run, Deserializer<Event> events, ConsumerRecord<String, ByteBuffer> record) {
    Instant at = Instant.ofEpochMilli(record.timestamp());
    Event event;
    try {
      byte[] bytes = new byte[record.value().remaining()];
      record.value().duplicate().get(bytes);
      event = events.deserialize(record.topic(), record.headers(), bytes);
    } catch (RuntimeException e) {
      // serdes throw whatever their libraries do; only an outage says nothing about the record
      if (RegistryUnavailableException.isCauseOf(e)) {
        throw e;
      }
      run.unreadable(at, "it cannot be read: " + e.getMessage());
      return;
    }
    run.event(event, record.partition(), record.offset(), at);
  }
}
