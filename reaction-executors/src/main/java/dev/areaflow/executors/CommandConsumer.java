package dev.areaflow.executors;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.topics.RegistryUnavailableException;
import dev.areaflow.schemas.topics.ShareLoop;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * One share consumer of commands and the thread that owns it. It takes a small batch, starts its
 * commands, and accepts each as soon as Kafka has its outcome, or after two seconds if the call
 * still runs; then it takes the next.
 */
final class CommandConsumer implements Runnable, AutoCloseable {
  /** How long a record waits for its outcome; from then on the command's deadline covers it. */
  static final Duration ACCEPT_AFTER = Duration.ofSeconds(2);

  private static final Duration COMMIT_EVERY = Duration.ofMillis(5);

  /** Together with {@link #ACCEPT_AFTER} below the 30 s for which the broker locks a record. */
  private static final Duration WAIT_FOR_ROOM = Duration.ofSeconds(10);

  private static final Duration WAIT_FOR_REGISTRY = Duration.ofSeconds(10);
  private static final Duration REGISTRY_PAUSE = Duration.ofMillis(500);
  private static final int MOST_DEAD_BYTES = 2 * 1024 * 1024;

  private final Deserializer<Command> commands;
  private final CommandWork work;
  private final InFlight inFlight;
  private final ExecutorMetrics metrics;
  private final Clock clock;
  private final ShareLoop loop;

  /**
   * @param consumers makes a consumer in the group, with explicit acknowledgement
   * @param commands reads commands; shared by all consumers, and closed by whoever made it
   */
  CommandConsumer(
      Supplier<ShareConsumer<byte[], byte[]>> consumers,
      Deserializer<Command> commands,
      CommandWork work,
      InFlight inFlight,
      ExecutorMetrics metrics,
      Clock clock) {
    this.commands = commands;
    this.work = work;
    this.inFlight = inFlight;
    this.metrics = metrics;
    this.clock = clock;
    this.loop = new ShareLoop(Topics.COMMANDS, consumers, this::workOff, metrics);
  }

  /** Takes commands until closed. */
  @Override
  public void run() {
    loop.run();
  }

  /** Why commands are not read at present, where that is so. */
  Optional<String> trouble() {
    return loop.trouble();
  }

  /** Asks the thread to stop after the batch in hand. */
  @Override
  public void close() {
    loop.close();
  }

  private void workOff(
      ShareConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> records)
      throws InterruptedException {
    List<Delivery> deliveries = read(records);
    BlockingQueue<Delivery> settled = new LinkedBlockingQueue<>();
    start(deliveries, settled);
    List<Delivery> open = new ArrayList<>(deliveries);
    long deadline = System.nanoTime() + ACCEPT_AFTER.toNanos();
    boolean uncommitted = false;
    while (!open.isEmpty()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        metrics.acceptedLate(open.size());
        open.forEach(delivery -> accept(consumer, delivery));
        return;
      }
      long wait = uncommitted ? Math.min(left, COMMIT_EVERY.toNanos()) : left;
      Delivery next = settled.poll(wait, TimeUnit.NANOSECONDS);
      if (next == null) {
        if (uncommitted) {
          consumer.commitAsync();
          uncommitted = false;
        }
      } else {
        for (; next != null; next = settled.poll()) {
          open.remove(next);
          accept(consumer, next);
        }
        uncommitted = true;
      }
    }
    // the next poll carries the acknowledgements that were not committed yet
  }

  private static void accept(ShareConsumer<byte[], byte[]> consumer, Delivery delivery) {
    consumer.acknowledge(delivery.source(), AcknowledgeType.ACCEPT);
  }

  private void start(List<Delivery> deliveries, BlockingQueue<Delivery> settled)
      throws InterruptedException {
    List<Task> tasks = new ArrayList<>();
    long bytes = 0;
    for (Delivery delivery : deliveries) {
      switch (delivery) {
        case Poison poison -> work.bury(letter(poison), () -> settled.add(poison));
        case Task task when task.mayHaveBegun() && task.command().getAtMostOnce() ->
            work.leave(task.command(), () -> settled.add(task));
        case Task task -> {
          tasks.add(task);
          bytes += task.bytes();
        }
      }
    }
    if (tasks.isEmpty()) {
      return;
    }
    boolean room = inFlight.enter(tasks.size(), bytes, WAIT_FOR_ROOM);
    for (Task task : tasks) {
      if (room) {
        work.start(task.command(), task.bytes(), () -> settled.add(task));
      } else {
        work.defer(task.command(), () -> settled.add(task));
      }
    }
  }

  /** One record of a batch; compared by identity. */
  private sealed interface Delivery {
    ConsumerRecord<byte[], byte[]> source();
  }

  private static final class Task implements Delivery {
    private final ConsumerRecord<byte[], byte[]> source;
    private final Command command;

    Task(ConsumerRecord<byte[], byte[]> source, Command command) {
      this.source = source;
      this.command = command;
    }

    @Override
    public ConsumerRecord<byte[], byte[]> source() {
      return source;
    }

    Command command() {
      return command;
    }

    /** Whether the record was delivered before, here or elsewhere. */
    boolean mayHaveBegun() {
      return source.deliveryCount().map(count -> count > 1).orElse(false);
    }

    long bytes() {
      return source.serializedValueSize();
    }
  }

  private static final class Poison implements Delivery {
    private final ConsumerRecord<byte[], byte[]> source;
    private final String cause;

    Poison(ConsumerRecord<byte[], byte[]> source, String cause) {
      this.source = source;
      this.cause = cause;
    }

    @Override
    public ConsumerRecord<byte[], byte[]> source() {
      return source;
    }

    String cause() {
      return cause;
    }
  }

  private List<Delivery> read(ConsumerRecords<byte[], byte[]> records) throws InterruptedException {
    long deadline = System.nanoTime() + WAIT_FOR_REGISTRY.toNanos();
    List<Delivery> deliveries = new ArrayList<>(records.count());
    for (ConsumerRecord<byte[], byte[]> source : records) {
      deliveries.add(read(source, deadline));
    }
    return deliveries;
  }

  private Delivery read(ConsumerRecord<byte[], byte[]> source, long deadline)
      throws InterruptedException {
    while (true) {
      try {
        byte @Nullable [] value = source.value();
        return value == null
            ? new Poison(source, "expected a command, found no value")
            : new Task(source, commands.deserialize(source.topic(), value));
      } catch (RuntimeException e) {
        if (!RegistryUnavailableException.isCauseOf(e)) {
          return new Poison(source, e.toString());
        }
        if (System.nanoTime() > deadline) {
          throw new KafkaException("commands cannot be read while the schema registry is away", e);
        }
        if (loop.closesWithin(REGISTRY_PAUSE)) {
          throw new WakeupException();
        }
      }
    }
  }

  private DeadLetter letter(Poison poison) {
    ConsumerRecord<byte[], byte[]> source = poison.source();
    return DeadLetter.newBuilder()
        .setTopic(source.topic())
        .setPartition(source.partition())
        .setOffset(source.offset())
        .setTimestamp(Instant.ofEpochMilli(source.timestamp()))
        .setKey(kept(source.key()))
        .setValue(kept(source.value()))
        .setCause(Excerpt.bounded(poison.cause()))
        .setWhere(ShareGroup.ID)
        .setAt(clock.instant())
        .build();
  }

  private static @Nullable ByteBuffer kept(byte @Nullable [] bytes) {
    return bytes == null
        ? null
        : ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, MOST_DEAD_BYTES));
  }
}
