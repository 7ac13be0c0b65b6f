package dev.areaflow.ingest.requests;

import dev.areaflow.schemas.rows.RequestRow;
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
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;
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

  private final Supplier<Consumer<String, byte[]>> requests;
  private final Supplier<Consumer<byte[], byte[]>> readers;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Deserializer<RequestRow> rows;
  private final Reruns reruns;
  private final Redeliveries redeliveries;
  private final MeterRegistry meters;
  private final RequestLoop loop = new RequestLoop("request-worker", this::follow);

  /** Connects nothing yet; {@link #start} does. */
  public RequestWorker(String bootstrapServers, TopicSerdes serdes, MeterRegistry meters) {
    this(new RequestClients(bootstrapServers, GROUP), serdes, meters);
  }

  private RequestWorker(RequestClients clients, TopicSerdes serdes, MeterRegistry meters) {
    this(
        clients::requests,
        () -> clients.records(IsolationLevel.READ_COMMITTED, 1),
        clients.producers(),
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
  }

  /** Begins to carry requests out; the topics must stand. */
  public void start() {
    loop.start();
  }

  private void follow() {
    try (Producer<byte[], byte[]> producer = producers.get();
        KeptRecords records = new KeptRecords(readers.get());
        Consumer<String, byte[]> consumer = requests.get()) {
      loop.reading(consumer);
      producer.initTransactions();
      FirstOffsets.establish(consumer, Topics.REQUESTS.name(), GROUP);
      consumer.subscribe(List.of(Topics.REQUESTS.name()));
      while (!loop.isClosing()) {
        ConsumerRecords<String, byte[]> batch = consumer.poll(POLL);
        if (!batch.isEmpty()) {
          carryOut(batch, records, consumer, producer);
        }
      }
    } finally {
      loop.reading(null);
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
      bytes += made.map(RequestTransaction::size).orElse(0);
      reached.put(
          new TopicPartition(record.topic(), record.partition()),
          new OffsetAndMetadata(record.offset() + 1));
      if (bytes > RequestTransaction.MOST_BYTES) {
        RequestTransaction.commit(written, reached, consumer, producer);
        written.clear();
        reached.clear();
        bytes = 0;
      }
    }
    if (!reached.isEmpty()) {
      RequestTransaction.commit(written, reached, consumer, producer);
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
      Outages.rethrow(e);
      LOG.error("requests: {} cannot be carried out and is left out", place, e);
      count(kind, "unreadable");
      return Optional.empty();
    }
  }

  private Optional<ProducerRecord<byte[], byte[]>> made(RequestRow request, Answer answer) {
    return switch (answer) {
      case Answer.Write(var record) when RequestTransaction.isTooLarge(record) ->
          nothing(
              request,
              "refused",
              "its record has " + RequestTransaction.size(record) + " bytes, which is too many");
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

  /** Ends after the batch in hand. */
  @Override
  public void close() {
    loop.close();
  }
}
