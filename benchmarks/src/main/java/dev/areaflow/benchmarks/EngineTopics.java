package dev.areaflow.benchmarks;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.topics.RegistrySerdes;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.TopicSettings;
import dev.areaflow.schemas.topics.Topics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Stands for the other roles: writes definitions and events, and sees how far the engine is. */
final class EngineTopics implements AutoCloseable {
  private static final String ENGINE = "areaflow-topology";
  private static final String OWNER = "00000000-0000-0000-0000-000000000001";
  private static final int PARTITIONS = 4;
  private static final long EVENT_BYTES = 64L * 1024 * 1024 * 1024;
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Admin admin;
  private final KafkaProducer<String, byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> statuses;
  private final Serializer<Event> events;
  private final Serializer<AreaRow> definitions;

  /** Where each partition of the events ends, as far as events were written here. */
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  private long written;

  EngineTopics(StackCommand.Addresses stack) throws InterruptedException {
    this.admin = Admin.create(Map.of("bootstrap.servers", stack.kafka()));
    new TopicAdmin(
            admin, new TopicSettings(stack.kafka(), stack.registry(), PARTITIONS, 1, EVENT_BYTES))
        .createMissing();
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                stack.kafka(),
                "acks",
                "all",
                "linger.ms",
                5,
                "batch.size",
                128 * 1024,
                "compression.type",
                "lz4"),
            new StringSerializer(),
            new ByteArraySerializer());
    this.statuses =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", stack.kafka(), "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        statuses.partitionsFor(Topics.STATUS.name()).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    statuses.assign(partitions);
    statuses.seekToBeginning(partitions);
    RegistrySerdes serdes = new RegistrySerdes(stack.registry());
    this.events = serdes.values(Topics.EVENTS).serializer();
    this.definitions = serdes.values(Topics.DEFINITIONS).serializer();
  }

  /** Writes AREAs, and returns when the engine has said of each that it serves it. */
  void define(List<String> ids, Function<String, Plan> plan, Duration patience)
      throws IOException, InterruptedException {
    for (String id : ids) {
      String json = plan.apply(id).toJson();
      AreaRow row = new AreaRow(id, OWNER, hook(id), "AREA " + id, json, 1, true, null, null);
      var _ =
          producer.send(
              new ProducerRecord<>(
                  Topics.DEFINITIONS.name(),
                  id,
                  definitions.serialize(Topics.DEFINITIONS.name(), row)));
    }
    producer.flush();
    long deadline = System.nanoTime() + patience.toNanos();
    for (int served = 0; served < ids.size(); ) {
      served += statuses.poll(POLL).count();
      if (System.nanoTime() > deadline) {
        throw new IOException("only " + served + " of " + ids.size() + " AREAs are served");
      }
    }
  }

  /** The hook of an AREA. */
  static String hook(String area) {
    return "hook-" + area;
  }

  /** Writes an event with a key and a number. */
  void send(String area, long key) throws IOException, InterruptedException {
    send(
        area,
        "{\"key\":\"key-%d\",\"n\":%d,\"text\":\"one of the events of a benchmark\"}"
            .formatted(key, written)
            .getBytes(StandardCharsets.UTF_8));
  }

  /** Writes an event. */
  void send(String area, byte[] payload) throws IOException, InterruptedException {
    Event event =
        Event.newBuilder()
            .setId("event-" + written++)
            .setHookId(hook(area))
            .setOwnerId(OWNER)
            .setService("webhook")
            .setAction("received")
            .setTime(Instant.EPOCH)
            .setReceivedAt(Instant.EPOCH)
            .setSource(EventSource.POLL)
            .setPayload(ByteBuffer.wrap(payload))
            .build();
    Future<RecordMetadata> place =
        producer.send(
            new ProducerRecord<>(
                Topics.EVENTS.name(),
                event.getHookId(),
                events.serialize(Topics.EVENTS.name(), event)),
            (metadata, problem) -> {
              if (metadata != null) {
                synchronized (ends) {
                  ends.merge(
                      new TopicPartition(metadata.topic(), metadata.partition()),
                      metadata.offset() + 1,
                      Math::max);
                }
              }
            });
    if (place.isDone()) {
      try {
        place.get();
      } catch (ExecutionException e) {
        throw new IOException("an event was not taken: " + e.getCause(), e);
      }
    }
  }

  /** Returns when the broker has all that was written. */
  void flush() {
    producer.flush();
  }

  /** Whether the hooks of two AREAs share a partition. */
  boolean isNeighbour(String area, String other) {
    return Topic.partitionOf(hook(area), PARTITIONS) == Topic.partitionOf(hook(other), PARTITIONS);
  }

  /** Returns when the engine has committed all events that were written. */
  void awaitDecided(Duration patience) throws IOException, InterruptedException {
    producer.flush();
    long deadline = System.nanoTime() + patience.toNanos();
    while (!isDecided()) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the engine did not decide all events within " + patience);
      }
      Thread.sleep(PAUSE); // the broker only answers, it does not tell by itself
    }
  }

  private boolean isDecided() throws IOException, InterruptedException {
    try {
      var committed = admin.listConsumerGroupOffsets(ENGINE).partitionsToOffsetAndMetadata().get();
      synchronized (ends) {
        return ends.entrySet().stream()
            .allMatch(
                end -> {
                  var offset = committed.get(end.getKey());
                  return offset != null && offset.offset() >= end.getValue();
                });
      }
    } catch (ExecutionException e) {
      throw new IOException("the broker does not tell the engine's offsets: " + e.getCause(), e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
    statuses.close();
    admin.close(Duration.ZERO);
  }
}
