package dev.areaflow.ingest.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.rows.RequestRow;
import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Redelivery;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of requests, and that each is carried out once. */
final class RequestWorkerTest {
  private static final TopicPartition REQUESTS = new TopicPartition(Topics.REQUESTS.name(), 0);
  private static final String EVENTS = Topics.EVENTS.name();
  private static final String LETTERS = Topics.DEAD_LETTERS.name();
  private static final Instant NOW = Instant.parse("2026-07-01T10:00:00Z");

  private final LocalSerdes serdes = new LocalSerdes();
  private final KeptLog log = new KeptLog();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<MockProducer<byte[], byte[]>> producers = new CopyOnWriteArrayList<>();
  private final List<ConsumerRecord<String, byte[]>> requests = new ArrayList<>();
  private final Map<TopicPartition, OffsetAndMetadata> firstOffsets = new ConcurrentHashMap<>();
  private int failures;
  private final RequestWorker worker =
      new RequestWorker(this::requests, log::consumer, this::producer, serdes, meters);

  @AfterEach
  void stop() {
    worker.close();
  }

  private Consumer<String, byte[]> requests() {
    MockConsumer<String, byte[]> consumer =
        new MockConsumer<>("none") {
          @Override
          public synchronized void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets) {
            firstOffsets.putAll(offsets);
            super.commitSync(offsets);
          }
        };
    Node node = new Node(0, "h", 1);
    Node[] nodes = {node};
    consumer.updatePartitions(
        REQUESTS.topic(), List.of(new PartitionInfo(REQUESTS.topic(), 0, node, nodes, nodes)));
    consumer.updateBeginningOffsets(Map.of(REQUESTS, 0L));
    consumer.updateEndOffsets(Map.of(REQUESTS, (long) requests.size()));
    consumer.schedulePollTask(
        () -> {
          consumer.rebalance(List.of(REQUESTS));
          consumer.seek(REQUESTS, 0);
          requests.forEach(consumer::addRecord);
        });
    return consumer;
  }

  private Producer<byte[], byte[]> producer() {
    MockProducer<byte[], byte[]> producer =
        new MockProducer<>(
            true,
            new RoundRobinPartitioner(),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    if (producers.size() < failures) {
      producer.commitTransactionException = new KafkaException("the broker is away");
    }
    producers.add(producer);
    return producer;
  }

  private <V> byte[] bytes(Topic<V> topic, V value) {
    return serdes.values(topic).serializer().serialize(topic.name(), value);
  }

  private void ask(String kind, String body) {
    ask(
        bytes(
            Topics.REQUESTS,
            new RequestRow("r" + requests.size(), "owner-1", "home", kind, body, NOW)));
  }

  private void ask(byte @Nullable [] row) {
    requests.add(new ConsumerRecord<>(REQUESTS.topic(), 0, requests.size(), "home", row));
  }

  private void rerun(long offset, String event) {
    ask(
        "rerun",
        """
        {"runId":"run-1","areaId":"area-1","hookId":"hook-1","partition":1,"offset":%d,
         "eventId":"%s","generation":2}
        """
            .formatted(offset, event));
  }

  private void redeliver(long letterOffset) {
    ask("redeliver", "{\"letterPartition\":1,\"letterOffset\":" + letterOffset + "}");
  }

  private static Event event(String id) {
    return Event.newBuilder()
        .setId(id)
        .setHookId("hook-1")
        .setOwnerId("owner-1")
        .setService("github")
        .setAction("issue_opened")
        .setTime(NOW)
        .setReceivedAt(NOW)
        .setSource(EventSource.WEBHOOK)
        .setPayload(ByteBuffer.wrap("{\"n\":1}".getBytes(UTF_8)))
        .build();
  }

  private long keep(Event event) {
    return log.append(
        EVENTS,
        1,
        event.getHookId().getBytes(UTF_8),
        bytes(Topics.EVENTS, event),
        CloudEvents.headers(event));
  }

  private long letter(String topic, long offset, byte @Nullable [] value) {
    DeadLetter letter =
        new DeadLetter(
            topic,
            1,
            offset,
            NOW,
            ByteBuffer.wrap("hook-1".getBytes(UTF_8)),
            value == null ? null : ByteBuffer.wrap(value),
            "a bug",
            "app/node",
            NOW);
    return log.append(
        LETTERS, 1, "k".getBytes(UTF_8), bytes(Topics.DEAD_LETTERS, letter), new RecordHeaders());
  }

  /** Lets the worker carry out what was asked, to the last. */
  private List<ProducerRecord<byte[], byte[]>> carriedOut() {
    worker.start();
    await().until(() -> committed() == requests.size());
    return producers.getLast().history();
  }

  private long committed() {
    return producers.stream()
        .flatMap(producer -> producer.consumerGroupOffsetsHistory().stream())
        .flatMap(groups -> groups.values().stream())
        .map(offsets -> offsets.get(REQUESTS))
        .mapToLong(OffsetAndMetadata::offset)
        .max()
        .orElse(0);
  }

  private double counted(String kind, String result) {
    Counter counter =
        meters.find("areaflow.ingest.requests").tags("kind", kind, "result", result).counter();
    return counter == null ? 0 : counter.count();
  }

  private static String text(Headers headers, String name) {
    return new String(headers.lastHeader(name).value(), UTF_8);
  }

  @Test
  void anEventIsWrittenAgainForItsAreaAndGeneration() {
    // given
    keep(event("e0"));
    rerun(keep(event("e1")), "e1");

    // when
    List<ProducerRecord<byte[], byte[]>> written = carriedOut();

    // then
    assertThat(written).hasSize(1);
    ProducerRecord<byte[], byte[]> record = written.getFirst();
    assertThat(record.topic()).isEqualTo(EVENTS);
    assertThat(new String(record.key(), UTF_8)).isEqualTo("hook-1");
    assertThat(serdes.values(Topics.EVENTS).deserializer().deserialize(EVENTS, record.value()))
        .isEqualTo(Event.newBuilder(event("e1")).setGeneration(2).setOnlyArea("area-1").build());
    assertThat(text(record.headers(), "ce_id")).isEqualTo("e1");
    assertThat(text(record.headers(), CloudEvents.GENERATION_HEADER)).isEqualTo("2");
    assertThat(counted("rerun", "written")).isEqualTo(1);
  }

  @Test
  void anEventOfAReplayOfManyIsRunAgainByItself() {
    // given
    Event replayed =
        Event.newBuilder(event("e1"))
            .setGeneration(1)
            .setOnlyArea("area-1")
            .setReplayId("many")
            .setForced(true)
            .build();
    rerun(keep(replayed), "e1");

    // when
    List<ProducerRecord<byte[], byte[]>> written = carriedOut();

    // then
    Event again =
        serdes.values(Topics.EVENTS).deserializer().deserialize(EVENTS, written.getFirst().value());
    assertThat(again.getGeneration()).isEqualTo(2);
    assertThat(again.getReplayId()).isEmpty();
    assertThat(again.getForced()).isFalse();
  }

  @Test
  void anEventThatIsNotKeptOrNotTheOneOrAnothersIsLeftOut() {
    // given
    keep(event("dropped"));
    long other = keep(event("other"));
    long foreign = keep(Event.newBuilder(event("foreign")).setOwnerId("owner-2").build());
    long marker = log.marker(EVENTS, 1);
    log.drop(EVENTS, 1, 1);
    rerun(0, "dropped");
    rerun(other, "e1");
    rerun(foreign, "foreign");
    rerun(marker, "e1");
    rerun(1_000, "e1");

    // when
    List<ProducerRecord<byte[], byte[]>> written = carriedOut();

    // then
    assertThat(written).isEmpty();
    assertThat(counted("rerun", "gone")).isEqualTo(4);
    assertThat(counted("rerun", "refused")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cancel", "retry", "resume", "whatever comes later"})
  void whatIsTheTopologysIsPassedOver(String kind) {
    // given
    ask(kind, "{\"runId\":\"run-1\"}");

    // when
    List<ProducerRecord<byte[], byte[]>> written = carriedOut();

    // then
    assertThat(written).isEmpty();
    assertThat(meters.find("areaflow.ingest.requests").counters()).isEmpty();
  }

  @Test
  void whatCannotBeReadStopsNothing() {
    // given
    ask((byte[]) null);
    ask("{".getBytes(UTF_8));
    ask("rerun", "{\"areaId\":\"area-1\"}");
    ask("rerun", "[]");
    rerun(log.append(EVENTS, 1, new byte[0], new byte[] {1, 2}, new RecordHeaders()), "e1");
    rerun(keep(event("e1")), "e1");

    // when
    List<ProducerRecord<byte[], byte[]>> written = carriedOut();

    // then
    assertThat(written).hasSize(1);
    assertThat(counted("rerun", "unreadable")).isEqualTo(3);
    assertThat(counted("unknown", "unreadable")).isEqualTo(1);
  }

  @Test
  void whatIsNotCommittedIsCarriedOutAnew() {
    // given
    failures = 1;
    rerun(keep(event("e1")), "e1");

    // when
    List<ProducerRecord<byte[], byte[]>> written = carriedOut();

    // then
    assertThat(producers).hasSize(2);
    assertThat(producers.getFirst().history()).isEmpty();
    assertThat(producers.getFirst().transactionAborted()).isTrue();
    assertThat(written).hasSize(1);
  }

  @Test
  void whoNeverReadBeginsAtTheBeginning() {
    // given
    ask("cancel", "{}");

    // when
    carriedOut();

    // then
    assertThat(firstOffsets).containsExactly(Map.entry(REQUESTS, new OffsetAndMetadata(0)));
  }

  @Test
  void aDeadLettersRecordIsWrittenAsItWas() {
    // given
    Event event = event("e1");
    long offset = keep(event);
    redeliver(letter(EVENTS, offset, bytes(Topics.EVENTS, event)));

    // when
    List<ProducerRecord<byte[], byte[]>> written = carriedOut();

    // then
    ProducerRecord<byte[], byte[]> record = written.getFirst();
    assertThat(record.topic()).isEqualTo(EVENTS);
    assertThat(record.partition()).isEqualTo(1);
    assertThat(new String(record.key(), UTF_8)).isEqualTo("hook-1");
    assertThat(record.value()).isEqualTo(bytes(Topics.EVENTS, event));
    assertThat(text(record.headers(), "ce_id")).isEqualTo("e1");
    assertThat(text(record.headers(), Redelivery.HEADER)).isEqualTo(EVENTS + "-1@" + offset);
    assertThat(counted("redeliver", "written")).isEqualTo(1);
  }

  @Test
  void whereTheRecordIsNotKeptTheLetterHasIt() {
    // given
    byte[] value = bytes(Topics.OUTCOMES, Outcome.newBuilder().setCommandId("c").build());
    redeliver(letter(Topics.OUTCOMES.name(), 40, value));

    // when
    List<ProducerRecord<byte[], byte[]>> written = carriedOut();

    // then
    assertThat(written.getFirst().value()).isEqualTo(value);
    assertThat(written.getFirst().topic()).isEqualTo(Topics.OUTCOMES.name());
  }

  @Test
  void anotherRecordAtTheSamePlaceIsNotTakenForIt() {
    // given
    long offset = keep(event("another"));
    byte[] value = bytes(Topics.EVENTS, event("e1"));
    redeliver(letter(EVENTS, offset, value));

    // when
    List<ProducerRecord<byte[], byte[]>> written = carriedOut();

    // then
    assertThat(written.getFirst().value()).isEqualTo(value);
  }

  @Test
  void ofALetterThatMayHoldABeginningTheRecordIsNeeded() {
    // given
    byte[] large = new byte[3 * 1024 * 1024];
    long kept = log.append(EVENTS, 1, "hook-1".getBytes(UTF_8), large, new RecordHeaders());
    byte[] beginning = new byte[2 * 1024 * 1024];
    redeliver(letter(EVENTS, kept, beginning));
    redeliver(letter(EVENTS, 1_000, beginning));

    // when
    List<ProducerRecord<byte[], byte[]>> written = carriedOut();

    // then
    assertThat(written).extracting(record -> record.value().length).containsExactly(large.length);
    assertThat(counted("redeliver", "gone")).isEqualTo(1);
  }

  @Test
  void whatIsNotSafeOrNotKeptIsNotWritten() {
    // given
    redeliver(letter(Topics.DEFINITIONS.name(), 0, new byte[] {1}));
    redeliver(1_000);
    redeliver(letter(EVENTS, 1_000, null));

    // when
    List<ProducerRecord<byte[], byte[]>> written = carriedOut();

    // then
    assertThat(written).isEmpty();
    assertThat(counted("redeliver", "refused")).isEqualTo(1);
    assertThat(counted("redeliver", "gone")).isEqualTo(2);
  }
}
