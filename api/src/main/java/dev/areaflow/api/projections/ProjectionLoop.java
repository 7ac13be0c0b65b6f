package dev.areaflow.api.projections;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.topics.RecordDecoder;
import dev.areaflow.api.topics.TopicAccess;
import dev.areaflow.schemas.topics.RegistryUnavailableException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one topic into the database, all its partitions, exactly once: what a batch becomes and how
 * far it was read commit together. Whatever fails is tried again from the committed offsets, with
 * growing pauses. A record that cannot be read is reported and left out.
 *
 * <p>{@link #run} belongs to one thread; {@link #stop} and {@link #notReady} to any.
 */
final class ProjectionLoop<V> implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ProjectionLoop.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Projection<V> projection;
  private final Database database;
  private final Supplier<Consumer<String, byte[]>> consumers;
  private final RecordDecoder<V> values;
  private final Offsets offsets;
  private final Timer batches;
  private final Counter unreadable;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile @Nullable Consumer<String, byte[]> current;
  private volatile @Nullable String missing;
  private Duration pause = FIRST_PAUSE;

  /**
   * @param consumers makes read-committed consumers that belong to no group and never reset
   * @param values reads the topic's values; closed by whoever made it
   */
  ProjectionLoop(
      Projection<V> projection,
      Database database,
      Supplier<Consumer<String, byte[]>> consumers,
      RecordDecoder<V> values,
      MeterRegistry metrics) {
    this.projection = projection;
    this.database = database;
    this.consumers = consumers;
    this.values = values;
    String topic = projection.topic().name();
    this.offsets = new Offsets(topic);
    this.missing = topic + " is not read yet";
    this.batches =
        Timer.builder("areaflow.api.projection.batches")
            .description("Time to write a batch of records to the database")
            .tag("topic", topic)
            .register(metrics);
    this.unreadable =
        Counter.builder("areaflow.api.projection.unreadable")
            .description("Records that could not be read and were left out")
            .tag("topic", topic)
            .register(metrics);
  }

  /** Runs until stopped or interrupted. */
  @Override
  public void run() {
    while (!isStopped()) {
      try {
        follow();
      } catch (WakeupException e) {
        // stop() asked for it; the loop's condition tells
        continue;
      } catch (OffsetOutOfRangeException e) {
        restart(e);
      } catch (RuntimeException e) {
        missing = projection.topic().name() + " is not read: " + e.getMessage();
        if (Database.isUnavailable(e) || RegistryUnavailableException.isCauseOf(e)) {
          LOG.warn("{}; trying again in {}", missing, pause);
        } else {
          LOG.error("{}; trying again in {}", missing, pause, e);
        }
      }
      if (!waited()) {
        return;
      }
    }
  }

  private boolean isStopped() {
    return stopped.getCount() == 0 || Thread.currentThread().isInterrupted();
  }

  private boolean waited() {
    if (stoppedWithin(pause.toNanos())) {
      return false;
    }
    Duration next = pause.multipliedBy(2);
    pause = next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
    return true;
  }

  private boolean stoppedWithin(long nanos) {
    try {
      return stopped.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void follow() {
    try (Consumer<String, byte[]> consumer = consumers.get()) {
      current = consumer;
      Map<TopicPartition, Long> positions = start(consumer);
      missing = null;
      long paceNanos = projection.pace().toNanos();
      while (!isStopped()) {
        ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
        pause = FIRST_PAUSE;
        if (!records.isEmpty()) {
          long begunNanos = System.nanoTime();
          project(consumer, records, positions);
          boolean behind = records.count() >= TopicAccess.MOST_RECORDS_A_POLL;
          if (!behind && stoppedWithin(begunNanos + paceNanos - System.nanoTime())) {
            return;
          }
        }
      }
    } finally {
      current = null;
    }
  }

  private List<TopicPartition> partitions(Consumer<String, byte[]> consumer) {
    return consumer.partitionsFor(projection.topic().name()).stream()
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  private Map<TopicPartition, Long> start(Consumer<String, byte[]> consumer) {
    List<TopicPartition> partitions = partitions(consumer);
    consumer.assign(partitions);
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> positions = new LinkedHashMap<>();
    database
        .jdbi()
        .useTransaction(
            handle -> {
              Map<Integer, Long> kept = offsets.read(handle);
              for (TopicPartition partition : partitions) {
                Long offset = kept.get(partition.partition());
                if (offset == null) {
                  offset = beginnings.getOrDefault(partition, 0L);
                  offsets.start(handle, partition.partition(), offset);
                }
                positions.put(partition, offset);
              }
            });
    positions.forEach(consumer::seek);
    return positions;
  }

  private void project(
      Consumer<String, byte[]> consumer,
      ConsumerRecords<String, byte[]> records,
      Map<TopicPartition, Long> positions) {
    List<Placed<V>> batch = new ArrayList<>(records.count());
    for (ConsumerRecord<String, byte[]> record : records) {
      values
          .read(record)
          .map(value -> new Placed<>(value, record.partition(), record.offset()))
          .ifPresentOrElse(batch::add, unreadable::increment);
    }
    Map<TopicPartition, Long> reached = new LinkedHashMap<>();
    positions.forEach(
        (partition, from) -> {
          long to = consumer.position(partition);
          if (to != from) {
            reached.put(partition, to);
          }
        });
    projection.prepare(Placed.values(batch));
    batches.record(
        () ->
            database
                .jdbi()
                .useTransaction(
                    handle -> {
                      // What a crash takes back it takes back whole, and it is read again.
                      handle.execute("SET LOCAL synchronous_commit = off");
                      reached.forEach(
                          (partition, to) ->
                              offsets.move(
                                  handle,
                                  partition.partition(),
                                  positions.getOrDefault(partition, 0L),
                                  to));
                      projection.apply(handle, batch);
                    }));
    positions.putAll(reached);
  }

  /** The broker forgot what was not read yet, or the topic was made anew. */
  private void restart(OffsetOutOfRangeException failure) {
    LOG.error(
        "{} does not have the offsets to go on from ({}); going on from its beginning: what was"
            + " dropped before is missing in the database",
        projection.topic().name(),
        failure.offsetOutOfRangePartitions());
    try (Consumer<String, byte[]> consumer = consumers.get()) {
      Map<TopicPartition, Long> beginnings =
          consumer.beginningOffsets(failure.offsetOutOfRangePartitions().keySet());
      database
          .jdbi()
          .useTransaction(
              handle ->
                  failure
                      .offsetOutOfRangePartitions()
                      .forEach(
                          (partition, from) ->
                              offsets.move(
                                  handle,
                                  partition.partition(),
                                  from,
                                  beginnings.getOrDefault(partition, 0L))));
    } catch (RuntimeException e) {
      LOG.warn("{} cannot be started over yet: {}", projection.topic().name(), e.getMessage());
    }
  }

  /** What keeps it from working; empty while it works. */
  Optional<String> notReady() {
    return Optional.ofNullable(missing);
  }

  /** Ends {@link #run} soon, after the batch in hand. */
  void stop() {
    stopped.countDown();
    Consumer<String, byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
  }
}
