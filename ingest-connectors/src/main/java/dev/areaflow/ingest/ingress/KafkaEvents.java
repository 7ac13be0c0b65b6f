package dev.areaflow.ingest.ingress;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.HookActivity;
import dev.areaflow.schemas.avro.Wake;
import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Events, wakes and hook activity into Kafka, through one idempotent producer. Values are
 * serialized in the calling thread.
 *
 * <p>Safe for several threads; closing waits for what was sent.
 */
final class KafkaEvents implements EventSink, AutoCloseable {
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(3);

  private final Producer<String, byte[]> producer;
  private final Serializer<Event> events;
  private final Serializer<Wake> wakes;
  private final Serializer<HookActivity> activities;

  KafkaEvents(Producer<String, byte[]> producer, TopicSerdes serdes) {
    this.producer = producer;
    this.events = serdes.values(Topics.EVENTS).serializer();
    this.wakes = serdes.values(Topics.WAKES).serializer();
    this.activities = serdes.values(Topics.HOOK_ACTIVITY).serializer();
  }

  /**
   * What the producer needs besides its addresses: every answer within two seconds, whatever the
   * brokers do, so a record has 0.4 s to find room and 1.3 s to be acknowledged.
   */
  static Map<String, Object> properties(String bootstrapServers) {
    return Map.ofEntries(
        Map.entry(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
        Map.entry(ProducerConfig.CLIENT_ID_CONFIG, "area-ingress"),
        Map.entry(ProducerConfig.ACKS_CONFIG, "all"),
        Map.entry(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true),
        Map.entry(ProducerConfig.LINGER_MS_CONFIG, 5),
        Map.entry(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024),
        Map.entry(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4"),
        Map.entry(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, TopicAdmin.MAX_MESSAGE_BYTES),
        Map.entry(ProducerConfig.MAX_BLOCK_MS_CONFIG, 400),
        Map.entry(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 1_100),
        Map.entry(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 1_300),
        Map.entry(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500),
        Map.entry(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 50),
        Map.entry(ProducerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, 1_000));
  }

  /**
   * Resolves the schemas and asks for the topics' brokers, so that the first delivery does not.
   *
   * @throws RuntimeException of Kafka or the registry, when either cannot be reached
   */
  void prepare() {
    events.serialize(Topics.EVENTS.name(), Event.newBuilder().build());
    wakes.serialize(Topics.WAKES.name(), Wake.newBuilder().build());
    activities.serialize(Topics.HOOK_ACTIVITY.name(), HookActivity.newBuilder().build());
    producer.partitionsFor(Topics.EVENTS.name());
    producer.partitionsFor(Topics.WAKES.name());
    producer.partitionsFor(Topics.HOOK_ACTIVITY.name());
  }

  @Override
  public void keep(Event event, Duration patience)
      throws NotKeptException, EventTooLargeException, InterruptedException {
    try {
      send(
          () ->
              new ProducerRecord<>(
                  Topics.EVENTS.name(),
                  null,
                  event.getHookId(),
                  events.serialize(Topics.EVENTS.name(), event),
                  CloudEvents.headers(event)),
          patience);
    } catch (NotKeptException e) {
      if (e.getCause() instanceof ExecutionException failed
          && failed.getCause() instanceof RecordTooLargeException tooLarge) {
        throw new EventTooLargeException(tooLarge);
      }
      throw e;
    }
  }

  @Override
  public void wake(Wake wake, Duration patience) throws NotKeptException, InterruptedException {
    send(
        () ->
            new ProducerRecord<>(
                Topics.WAKES.name(), wake.getHookId(), wakes.serialize(Topics.WAKES.name(), wake)),
        patience);
  }

  private void send(Supplier<ProducerRecord<String, byte[]>> record, Duration patience)
      throws NotKeptException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      Future<RecordMetadata> kept = producer.send(record.get());
      kept.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new NotKeptException("not kept: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new NotKeptException("not acknowledged within " + patience, e);
    } catch (RuntimeException e) {
      // the registry's client throws exceptions of its own, as does a producer that is closed
      throw new NotKeptException("not sent: " + e.getMessage(), e);
    }
  }

  /**
   * Sends counts of one hook, without waiting.
   *
   * @param done called with the activity and what went wrong, if anything, from another thread or
   *     this one
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of the same
  void report(HookActivity activity, BiConsumer<HookActivity, @Nullable Exception> done) {
    try {
      byte[] value = activities.serialize(Topics.HOOK_ACTIVITY.name(), activity);
      producer.send(
          new ProducerRecord<>(Topics.HOOK_ACTIVITY.name(), activity.getHookId(), value),
          (metadata, failure) -> done.accept(activity, failure));
    } catch (RuntimeException e) {
      done.accept(activity, e);
    }
  }

  @Override
  public void close() {
    producer.close(CLOSE_WITHIN);
  }
}
