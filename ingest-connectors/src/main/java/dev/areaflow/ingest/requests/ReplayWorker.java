package dev.areaflow.ingest.requests;

import dev.areaflow.expressions.Expressions;
import dev.areaflow.schemas.backtest.Replayer;
import dev.areaflow.schemas.rows.RequestRow;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets AREAs decide on past events again, on a thread of its own. Each replay is the work of the
 * process that has the partition of what asked for it. What a replay writes, how far it is, and how
 * far the requests were read commit together: whoever goes on after a crash goes on from there, and
 * a process that does not know yet that it lost its partitions commits nothing. Start and close are
 * called once each.
 */
public final class ReplayWorker implements AutoCloseable {
  static final String GROUP = "areaflow-replays";

  private static final Logger LOG = LoggerFactory.getLogger(ReplayWorker.class);
  private static final Duration POLL = Duration.ofMillis(500);

  /** From one turn of the replays to the next. */
  private static final Duration TURN = Duration.ofMillis(200);

  private static final int MOST_READ = 500;

  private final RequestClients clients;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final TopicSerdes serdes;
  private final Replayer replayer;
  private final Deserializer<RequestRow> rows;
  private final Expressions expressions = new Expressions();
  private final Clock clock = Clock.systemUTC();
  private final Counter written;
  private final MeterRegistry meters;
  private final RequestLoop loop = new RequestLoop("replay-worker", this::follow);

  /**
   * Connects nothing yet; {@link #start} does.
   *
   * @param replayer finds what AREAs with a rule or several hooks make of past events
   */
  public ReplayWorker(
      String bootstrapServers, TopicSerdes serdes, Replayer replayer, MeterRegistry meters) {
    this.clients = new RequestClients(bootstrapServers, GROUP);
    this.producers = clients.producers();
    this.serdes = serdes;
    this.replayer = replayer;
    this.rows = serdes.values(Topics.REQUESTS).deserializer();
    this.meters = meters;
    this.written =
        Counter.builder("areaflow.ingest.replayed")
            .description("Events that replays wrote again")
            .register(meters);
  }

  /** Begins to carry replays out; the topics must stand. */
  public void start() {
    loop.start();
  }

  private void follow() {
    try (Producer<byte[], byte[]> producer = producers.get();
        KeyScan events = scan(Topics.EVENTS);
        KeyScan runs = scan(Topics.RUNS);
        ReplayLog log =
            new ReplayLog(
                clients.records(IsolationLevel.READ_COMMITTED, MOST_READ),
                clients.records(IsolationLevel.READ_UNCOMMITTED, MOST_READ),
                serdes);
        Replays replays =
            new Replays(log, replayer, expressions, serdes, events, new RunEnds(runs, serdes));
        Consumer<String, byte[]> consumer = clients.requests()) {
      loop.reading(consumer);
      producer.initTransactions();
      FirstOffsets.establish(consumer, Topics.REQUESTS.name(), GROUP);
      consumer.subscribe(List.of(Topics.REQUESTS.name()), new Leaving(replays));
      while (!loop.isClosing()) {
        ConsumerRecords<String, byte[]> batch = consumer.poll(replays.goOn() ? TURN : POLL);
        takeNew(replays, consumer);
        batch.forEach(record -> ask(replays, record));
        int advanced = replays.advance(clock.instant());
        commit(replays, batch, consumer, producer);
        written.increment(advanced);
      }
    } finally {
      loop.reading(null);
    }
  }

  private KeyScan scan(Topic<?> topic) {
    return new KeyScan(topic, clients.records(IsolationLevel.READ_COMMITTED, MOST_READ));
  }

  /** Replays are another's as soon as their partition is. */
  private record Leaving(Replays replays) implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      replays.leave(partitions.stream().map(TopicPartition::partition).toList());
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
  }

  /**
   * Learns how the replays of new partitions stand. The consumer knows its position only once what
   * another member left open of them has ended, in whatever way.
   */
  private static void takeNew(Replays replays, Consumer<String, byte[]> consumer) {
    for (TopicPartition partition : consumer.assignment()) {
      if (!replays.partitions().contains(partition.partition())) {
        consumer.position(partition);
        replays.take(partition.partition());
      }
    }
  }

  private void ask(Replays replays, ConsumerRecord<String, byte[]> record) {
    String kind = "unknown";
    try {
      @Nullable RequestRow request = rows.deserialize(record.topic(), record.value());
      if (request == null) {
        return; // a purged row
      }
      kind = request.kind();
      if (replays.follow(record.partition(), request, clock.instant())) {
        count(kind, "followed");
      }
    } catch (RuntimeException e) {
      // serdes throw whatever their libraries do; only an outage says nothing about the request
      Outages.rethrow(e);
      String place = record.topic() + "-" + record.partition() + "@" + record.offset();
      LOG.error("replays: {} cannot be followed and is left out", place, e);
      count(kind, "unreadable");
    }
  }

  private static void commit(
      Replays replays,
      ConsumerRecords<String, byte[]> batch,
      Consumer<String, byte[]> consumer,
      Producer<byte[], byte[]> producer) {
    Map<TopicPartition, OffsetAndMetadata> reached = new HashMap<>();
    Set<Integer> changed = replays.changedPartitions();
    for (TopicPartition partition : consumer.assignment()) {
      if (changed.contains(partition.partition()) || !batch.records(partition).isEmpty()) {
        reached.put(partition, new OffsetAndMetadata(consumer.position(partition)));
      }
    }
    if (!reached.isEmpty()) {
      RequestTransaction.commit(replays.written(), reached, consumer, producer);
      replays.committed();
    }
  }

  private void count(String kind, String result) {
    Counter.builder("areaflow.ingest.requests")
        .description("Requests about kept records, by what became of them")
        .tags("kind", kind, "result", result)
        .register(meters)
        .increment();
  }

  /** Ends after the turn in hand. */
  @Override
  public void close() {
    loop.close();
  }
}
