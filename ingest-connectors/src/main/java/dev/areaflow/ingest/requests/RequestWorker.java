package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.rows.RequestRow;
import dev.areaflow.schemas.topics.RegistryUnavailableException;
import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.TopicSerdes;
import dev.areaflow.schemas.topics.Topics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what people ask of records that Kafka keeps, on a thread of its own: what is written
 * and how far the requests were read commit together, so that each is carried out once. The
 * requests that are the topology's are passed over. Where Kafka or the registry fails, it begins
 * anew after a pause, where it was. Start and close are called once each.
 */
public final class RequestWorker implements AutoCloseable {
  static final String GROUP = "areaflow-requests";

  private static final Logger LOG = LoggerFactory.getLogger(RequestWorker.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);
  private static final int BATCH = 50;

  /** Of what one transaction writes; one record may have more. */
  private static final long MOST_BYTES = 8L * 1024 * 1024;

  /** Leaves room for headers and the batch around a record. */
  private static final int MOST_RECORD_BYTES = TopicAdmin.MAX_MESSAGE_BYTES - 64 * 1024;

  private final Supplier<Consumer<String, byte[]>> requests;
  private final Supplier<Consumer<byte[], byte[]>> readers;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Deserializer<RequestRow> rows;
  private final Reruns reruns;
  private final Redeliveries redeliveries;
  private final MeterRegistry meters;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Consumer<String, byte[]> current;

  /** Connects nothing yet; {@link #start} does. */
  public RequestWorker(String bootstrapServers, TopicSerdes serdes, MeterRegistry meters) {
    this(
        () -> consumer(bootstrapServers),
        () -> reader(bootstrapServers),
        producers(bootstrapServers),
        serdes,
        meters);
  }

  /**
   * @param requests makes a member of the group, which reads what is committed and never resets
   * @param readers makes a consumer of no group, which reads what is committed and never resets
   * @param producers makes a transactional producer
   */
  RequestWorker(
      Supplier<Consumer<String, byte[]>> requests,
      Supplier<Consumer<byte[], byte[]>> readers,
      Supplier<Producer<byte[], byte[]>> producers,
      TopicSerdes serdes,
      MeterRegistry meters) {
    this.requests = requests;
    this.readers = readers;
    this.producers = producers;
    this.rows = serdes.values(Topics.REQUESTS).deserializer();
    this.reruns = new Reruns(serdes);
    this.redeliveries = new Redeliveries(serdes);
    this.meters = meters;
    this.thread = Thread.ofPlatform().name("request-worker").unstarted(this::run);
  }

  /** Begins to carry requests out; the topics must stand. */
  public void start() {
    thread.start();
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    while (closing.getCount() > 0) {
      long begunNanos = System.nanoTime();
      try {
        follow();
      } catch (WakeupException e) {
        // close() woke the consumer; the loop's condition ends it
      } catch (RuntimeException e) {
        // Kafka's, the registry's, or a fault of ours: without this thread nothing is run again
        LOG.warn("requests: not carried out, tried again in {}", pause, e);
      }
      boolean ranLong = System.nanoTime() - begunNanos > LONGEST_PAUSE.toNanos();
      pause = ranLong ? FIRST_PAUSE : pause;
      try {
        if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      pause = pause.multipliedBy(2);
      pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
  }

  private void follow() {
    try (Producer<byte[], byte[]> producer = producers.get();
        KeptRecords records = new KeptRecords(readers.get());
        Consumer<String, byte[]> consumer = requests.get()) {
      current = consumer;
      producer.initTransactions();
      FirstOffsets.establish(consumer, Topics.REQUESTS.name(), GROUP);
      consumer.subscribe(List.of(Topics.REQUESTS.name()));
      while (closing.getCount() > 0) {
        ConsumerRecords<String, byte[]> batch = consumer.poll(POLL);
        if (!batch.isEmpty()) {
          carryOut(batch, records, consumer, producer);
        }
      }
    } finally {
      current = null;
    }
  }

  private void carryOut(
      ConsumerRecords<String, byte[]> batch,
      KeptRecords records,
      Consumer<String, byte[]> consumer,
      Producer<byte[], byte[]> producer) {
    List<ProducerRecord<byte[], byte[]>> written = new ArrayList<>();
    Map<TopicPartition, OffsetAndMetadata> reached = new HashMap<>();
    long bytes = 0;
    for (ConsumerRecord<String, byte[]> record : batch) {
      Optional<ProducerRecord<byte[], byte[]>> made = made(record, records);
      made.ifPresent(written::add);
      bytes += made.map(RequestWorker::size).orElse(0);
      reached.put(
          new TopicPartition(record.topic(), record.partition()),
          new OffsetAndMetadata(record.offset() + 1));
      if (bytes > MOST_BYTES) {
        commit(written, reached, consumer, producer);
        written.clear();
        reached.clear();
        bytes = 0;
      }
    }
    if (!reached.isEmpty()) {
      commit(written, reached, consumer, producer);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the commit fails where one of them did
  private static void commit(
      List<ProducerRecord<byte[], byte[]>> written,
      Map<TopicPartition, OffsetAndMetadata> reached,
      Consumer<String, byte[]> consumer,
      Producer<byte[], byte[]> producer) {
    producer.beginTransaction();
    try {
      written.forEach(producer::send);
      producer.sendOffsetsToTransaction(Map.copyOf(reached), consumer.groupMetadata());
      producer.commitTransaction();
    } catch (RuntimeException e) {
      abort(producer, e);
      throw e;
    }
  }

  /** What stays open holds up whoever reads what is committed, until it ends by itself. */
  private static void abort(Producer<byte[], byte[]> producer, RuntimeException failure) {
    try {
      producer.abortTransaction();
    } catch (KafkaException e) {
      failure.addSuppressed(e);
    }
  }

  /** What a request makes; whatever else becomes of it is told and counted. */
  private Optional<ProducerRecord<byte[], byte[]>> made(
      ConsumerRecord<String, byte[]> record, KeptRecords records) {
    String place = record.topic() + "-" + record.partition() + "@" + record.offset();
    String kind = "unknown";
    try {
      @Nullable RequestRow request = rows.deserialize(record.topic(), record.value());
      if (request == null) {
        return Optional.empty();
      }
      kind = request.kind();
      return switch (kind) {
        case "rerun" -> made(request, reruns.answer(request, records));
        case "redeliver" -> made(request, redeliveries.answer(request, records));
        default -> Optional.empty(); // the topology's
      };
    } catch (RuntimeException e) {
      // serdes throw whatever their libraries do; only an outage says nothing about the request
      boolean outage = e instanceof KafkaException && !(e instanceof SerializationException);
      if (outage || RegistryUnavailableException.isCauseOf(e)) {
        throw e;
      }
      LOG.error("requests: {} cannot be carried out and is left out", place, e);
      count(kind, "unreadable");
      return Optional.empty();
    }
  }

  private Optional<ProducerRecord<byte[], byte[]>> made(RequestRow request, Answer answer) {
    return switch (answer) {
      case Answer.Write(var record) when size(record) > MOST_RECORD_BYTES ->
          nothing(
              request, "refused", "its record has " + size(record) + " bytes, which is too many");
      case Answer.Write(var record) -> {
        count(request.kind(), "written");
        yield Optional.of(record);
      }
      case Answer.Gone(var detail) -> nothing(request, "gone", detail + " is not kept any more");
      case Answer.Refused(var detail) -> nothing(request, "refused", detail);
    };
  }

  private Optional<ProducerRecord<byte[], byte[]>> nothing(
      RequestRow request, String result, String detail) {
    LOG.warn("requests: {} {} is not carried out: {}", request.kind(), request.id(), detail);
    count(request.kind(), result);
    return Optional.empty();
  }

  private void count(String kind, String result) {
    Counter.builder("areaflow.ingest.requests")
        .description("Requests about kept records, by what became of them")
        .tags("kind", kind, "result", result)
        .register(meters)
        .increment();
  }

  private static int size(ProducerRecord<byte[], byte[]> record) {
    return (record.key() == null ? 0 : record.key().length)
        + (record.value() == null ? 0 : record.value().length);
  }

  private static Consumer<String, byte[]> consumer(String bootstrapServers) {
    Map<String, Object> settings = reading(bootstrapServers);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "area-requests");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, BATCH);
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
  }

  private static Consumer<byte[], byte[]> reader(String bootstrapServers) {
    Map<String, Object> settings = reading(bootstrapServers);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "area-request-records");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static Map<String, Object> reading(String bootstrapServers) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return settings;
  }

  /** All of a process have one id: the next ends what the one before left open. */
  private static Supplier<Producer<byte[], byte[]>> producers(String bootstrapServers) {
    Map<String, Object> settings =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            ProducerConfig.CLIENT_ID_CONFIG,
            "area-requests",
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            GROUP + "-" + UUID.randomUUID(),
            ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
            10_000,
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            5_000,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
            8_000,
            ProducerConfig.COMPRESSION_TYPE_CONFIG,
            "lz4",
            ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
            TopicAdmin.MAX_MESSAGE_BYTES);
    return () ->
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Ends after the batch in hand. */
  @Override
  public void close() {
    closing.countDown();
    @Nullable Consumer<String, byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
    try {
      if (thread.isAlive() && !thread.join(CLOSE_WITHIN)) {
        LOG.warn("the request worker did not stop in time and is interrupted");
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
