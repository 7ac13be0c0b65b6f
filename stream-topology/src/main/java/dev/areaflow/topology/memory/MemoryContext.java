package dev.areaflow.topology.memory;

import static java.util.Objects.requireNonNull;

import java.io.File;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.StreamsMetrics;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * What a processor of a simulated task finds around it. What it sends goes to whoever simulates,
 * and what it schedules is called by them. For one thread.
 */
public final class MemoryContext<K, V> implements ProcessorContext<K, V> {
  private final Place place;
  private final Map<String, StateStore> stores;
  private final BiConsumer<Record<?, ?>, @Nullable String> sent;
  private final List<Punctuator> scheduled = new ArrayList<>();

  /**
   * @param stores by their names
   * @param sent gets what is forwarded, and to which child; null for all
   */
  public MemoryContext(
      Place place,
      Map<String, StateStore> stores,
      BiConsumer<Record<?, ?>, @Nullable String> sent) {
    this.place = place;
    this.stores = stores;
    this.sent = sent;
  }

  /** Where and when the processors of a task are, in common. */
  public static final class Place {
    private Instant now = Instant.EPOCH;
    private int partition;
    private @Nullable RecordMetadata record;

    /** The wall clock, which may be set back. */
    public Instant now() {
      return now;
    }

    /** Sets the wall clock. */
    public void setTime(Instant time) {
      now = time;
    }

    /** The task is the one of this partition from now on. */
    public void setPartition(int of) {
      partition = of;
    }

    /** The record in hand lies there. */
    public void setRecord(String topic, int of, long offset) {
      partition = of;
      record = new At(topic, of, offset);
    }
  }

  private record At(String topic, int partition, long offset) implements RecordMetadata {}

  /** Calls what was scheduled, at the time that it is. */
  public void punctuate() {
    scheduled.forEach(each -> each.punctuate(currentSystemTimeMs()));
  }

  @Override
  public <A extends K, B extends V> void forward(Record<A, B> message) {
    sent.accept(message, null);
  }

  @Override
  public <A extends K, B extends V> void forward(Record<A, B> message, String childName) {
    sent.accept(message, childName);
  }

  @Override
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // Kafka Streams has it so
  public <S extends StateStore> S getStateStore(String name) {
    return (S) requireNonNull(stores.get(name), name);
  }

  @Override
  public Cancellable schedule(Duration interval, PunctuationType type, Punctuator callback) {
    scheduled.add(callback);
    return () -> scheduled.remove(callback);
  }

  @Override
  public Cancellable schedule(
      Instant start, Duration interval, PunctuationType type, Punctuator callback) {
    return schedule(interval, type, callback);
  }

  @Override
  public void commit() {
    // nothing is kept
  }

  @Override
  public long currentSystemTimeMs() {
    return place.now.toEpochMilli();
  }

  @Override
  public long currentStreamTimeMs() {
    return place.now.toEpochMilli();
  }

  @Override
  public TaskId taskId() {
    return new TaskId(0, place.partition);
  }

  @Override
  public Optional<RecordMetadata> recordMetadata() {
    return Optional.ofNullable(place.record);
  }

  @Override
  public String applicationId() {
    throw unsupported();
  }

  @Override
  public Serde<?> keySerde() {
    throw unsupported();
  }

  @Override
  public Serde<?> valueSerde() {
    throw unsupported();
  }

  @Override
  public File stateDir() {
    throw unsupported();
  }

  @Override
  public StreamsMetrics metrics() {
    throw unsupported();
  }

  @Override
  public Map<String, Object> appConfigs() {
    return Map.of();
  }

  @Override
  public Map<String, Object> appConfigsWithPrefix(String prefix) {
    return Map.of();
  }

  private static UnsupportedOperationException unsupported() {
    return new UnsupportedOperationException("a simulated task is no part of an application");
  }
}
