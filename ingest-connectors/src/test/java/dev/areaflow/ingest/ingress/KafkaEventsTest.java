package dev.areaflow.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.ingest.ingress.EventSink.EventTooLargeException;
import dev.areaflow.ingest.ingress.EventSink.NotKeptException;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.HookActivity;
import dev.areaflow.schemas.avro.Wake;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class KafkaEventsTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final String HOOK = "0197a6f0-0000-7000-8000-000000000001";

  private final LocalSerdes serdes = new LocalSerdes();
  private final AnsweringProducer producer = new AnsweringProducer();
  private final KafkaEvents events = new KafkaEvents(producer, serdes);

  @AfterEach
  void stop() {
    events.close();
  }

  @Test
  void aKeptEventIsACloudEventKeyedByItsHook() throws Exception {
    // when
    events.keep(event(), LONG);

    // then
    ProducerRecord<String, byte[]> sent = producer.history().getFirst();
    assertThat(sent.topic()).isEqualTo("area.events");
    assertThat(sent.key()).isEqualTo(HOOK);
    assertThat(sent.partition()).isNull();
    assertThat(serdes.values(Topics.EVENTS).deserializer().deserialize("t", sent.value()))
        .isEqualTo(event());
    Map<String, String> headers = new TreeMap<>();
    sent.headers().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
    assertThat(headers)
        .isEqualTo(
            Map.of(
                "ce_specversion", "1.0",
                "ce_id", "d-1",
                "ce_source", "/hooks/" + HOOK,
                "ce_type", "dev.areaflow.github.push",
                "ce_time", "2026-06-01T10:00:00Z",
                "content-type", "application/avro"));
  }

  @Test
  void anEventThatIsNotAcknowledgedInTimeIsNotKnownToBeKept() {
    // given
    producer.acknowledgeNothing();

    // then
    assertThatThrownBy(() -> events.keep(event(), Duration.ofMillis(1)))
        .isInstanceOf(NotKeptException.class)
        .hasMessageContaining("PT0.001S");
  }

  @Test
  void patienceThatIsOverAlreadyIsNone() {
    // given
    producer.acknowledgeNothing();

    // then
    assertThatThrownBy(() -> events.keep(event(), Duration.ofMillis(-5)))
        .isInstanceOf(NotKeptException.class);
  }

  @Test
  void aWakeIsKeyedByItsHookAndKeptOrNot() throws Exception {
    // given
    Wake wake = Wake.newBuilder().setHookId(HOOK).build();

    // when
    events.wake(wake, LONG);

    // then
    ProducerRecord<String, byte[]> sent = producer.history().getFirst();
    assertThat(sent.topic()).isEqualTo("area.wakes");
    assertThat(sent.key()).isEqualTo(HOOK);
    assertThat(serdes.values(Topics.WAKES).deserializer().deserialize("t", sent.value()))
        .isEqualTo(wake);
    producer.answer(new NotEnoughReplicasException("1 of 2"));
    assertThatThrownBy(() -> events.wake(wake, LONG))
        .isInstanceOf(NotKeptException.class)
        .hasMessageContaining("1 of 2");
  }

  @Test
  void anEventThatTheBrokerRefusesIsNotKept() {
    // given
    producer.answer(new NotEnoughReplicasException("1 of 2"));

    // then
    assertThatThrownBy(() -> events.keep(event(), LONG))
        .isInstanceOf(NotKeptException.class)
        .hasMessageContaining("1 of 2");
  }

  @Test
  void anEventThatIsTooLargeWillNeverBeKept() {
    // given
    producer.answer(new RecordTooLargeException("5 MB"));

    // then
    assertThatThrownBy(() -> events.keep(event(), LONG))
        .isInstanceOf(EventTooLargeException.class)
        .hasMessageContaining("5 MB");
  }

  @Test
  void anEventThatFindsNoRoomIsNotKept() {
    // given
    producer.sendException = new TimeoutException("no room within 400 ms");

    // then
    assertThatThrownBy(() -> events.keep(event(), LONG))
        .isInstanceOf(NotKeptException.class)
        .hasMessageContaining("no room");
  }

  @Test
  void aProducerThatIsClosedKeepsNothing() {
    // given
    events.close();

    // then
    assertThatThrownBy(() -> events.keep(event(), LONG)).isInstanceOf(NotKeptException.class);
  }

  @Test
  void aWaitThatIsInterruptedSaysSo() {
    // given
    producer.acknowledgeNothing();
    Thread.currentThread().interrupt();

    // then
    assertThatThrownBy(() -> events.keep(event(), LONG)).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void countsAreReportedByHook() {
    // given
    HookActivity activity = HookActivity.newBuilder().setHookId(HOOK).setAccepted(3).build();
    List<@Nullable Exception> heard = new ArrayList<>();

    // when
    events.report(activity, (reported, failure) -> heard.add(failure));

    // then
    ProducerRecord<String, byte[]> sent = producer.history().getFirst();
    assertThat(sent.topic()).isEqualTo("area.hook-activity");
    assertThat(sent.key()).isEqualTo(HOOK);
    assertThat(serdes.values(Topics.HOOK_ACTIVITY).deserializer().deserialize("t", sent.value()))
        .isEqualTo(activity);
    assertThat(heard).containsExactly((Exception) null);
  }

  @Test
  void countsThatAreNotReportedAreHeardOf() {
    // given
    HookActivity activity = HookActivity.newBuilder().setHookId(HOOK).build();
    List<@Nullable Exception> heard = new ArrayList<>();

    // when
    producer.answer(new NotEnoughReplicasException("1 of 2"));
    events.report(activity, (reported, failure) -> heard.add(failure));
    producer.sendException = new TimeoutException("no room");
    events.report(activity, (reported, failure) -> heard.add(failure));

    // then
    assertThat(heard).hasSize(2);
    assertThat(heard.getFirst()).isInstanceOf(NotEnoughReplicasException.class);
    assertThat(heard.getLast()).isInstanceOf(TimeoutException.class);
  }

  @Test
  void preparingWritesNothing() {
    // when
    events.prepare();

    // then
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void theProducerWaitsForAllReplicasAndGivesUpInTimeForAnAnswer() {
    // given
    Map<String, Object> properties = new HashMap<>(KafkaEvents.properties("127.0.0.1:9092"));
    properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
    properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);

    // when
    ProducerConfig config = new ProducerConfig(properties);

    // then
    assertThat(config.getString(ProducerConfig.ACKS_CONFIG)).isEqualTo("-1");
    assertThat(config.getBoolean(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG)).isTrue();
    assertThat(config.getInt(ProducerConfig.MAX_REQUEST_SIZE_CONFIG))
        .isEqualTo(TopicAdmin.MAX_MESSAGE_BYTES);
    assertThat(
            config.getLong(ProducerConfig.MAX_BLOCK_MS_CONFIG)
                + config.getInt(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG))
        .isLessThan(2_000);
  }

  private static Event event() {
    return Event.newBuilder()
        .setId("d-1")
        .setHookId(HOOK)
        .setOwnerId("owner")
        .setService("github")
        .setAction("push")
        .setTime(TestHooks.NOW)
        .setReceivedAt(TestHooks.NOW)
        .setSource(EventSource.WEBHOOK)
        .setPayload(ByteBuffer.wrap("{}".getBytes(UTF_8)))
        .build();
  }

  /** Kafka's own stand-in, which acknowledges each record at once or as it is told. */
  private static final class AnsweringProducer extends MockProducer<String, byte[]> {
    private boolean acknowledges = true;
    private @Nullable RuntimeException answer;

    AnsweringProducer() {
      super(false, null, new StringSerializer(), new ByteArraySerializer());
    }

    void acknowledgeNothing() {
      acknowledges = false;
    }

    void answer(RuntimeException failure) {
      answer = failure;
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<String, byte[]> record, @Nullable Callback callback) {
      Future<RecordMetadata> kept = super.send(record, callback);
      if (answer != null) {
        errorNext(answer);
      } else if (acknowledges) {
        completeNext();
      }
      return kept;
    }
  }
}
