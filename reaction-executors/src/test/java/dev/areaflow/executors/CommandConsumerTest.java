package dev.areaflow.executors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.OutcomeKind;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.ScriptedShareConsumer;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CommandConsumerTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final LocalSerdes serdes = new LocalSerdes();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final MockProducer<String, byte[]> producer =
      new MockProducer<>(
          true, new RoundRobinPartitioner(), new StringSerializer(), new ByteArraySerializer());
  private final InFlight inFlight = new InFlight(100, 1_000_000);
  private final ExecutorMetrics metrics = new ExecutorMetrics(meters, inFlight);
  private final OutcomePublisher publisher = new OutcomePublisher(producer, serdes, metrics);
  private final Map<String, CountDownLatch> hanging = new ConcurrentHashMap<>();
  private final CommandWork work =
      new CommandWork(this::execute, publisher, inFlight, metrics, Clock.systemUTC());
  private final Queue<ScriptedShareConsumer> consumers = new ArrayDeque<>();
  private final CommandConsumer consumer =
      new CommandConsumer(
          () -> consumers.size() > 1 ? consumers.remove() : consumers.element(),
          serdes.values(Topics.COMMANDS).deserializer(),
          work,
          inFlight,
          metrics,
          Clock.systemUTC());
  private final Thread owner = Thread.ofPlatform().unstarted(consumer);

  @AfterEach
  void stop() throws InterruptedException {
    consumer.close();
    hanging.values().forEach(CountDownLatch::countDown);
    owner.join();
    work.close();
    publisher.close();
  }

  @Test
  void eachCommandIsAcceptedOnceItsOutcomeIsWritten() {
    // given
    ScriptedShareConsumer source = new ScriptedShareConsumer().batch(commands(0, "a", "b", "c"));
    consumers.add(source);

    // when
    owner.start();

    // then
    await().atMost(SOON).until(() -> source.accepted.size() == 3);
    assertThat(outcomes())
        .extracting(Outcome::getCommandId)
        .containsExactlyInAnyOrder("a", "b", "c");
    assertThat(outcomes()).extracting(Outcome::getKind).containsOnly(OutcomeKind.SUCCEEDED);
    await().atMost(SOON).until(() -> inFlight.commands() == 0);
  }

  @Test
  void theQuickAreAcceptedWhileASlowOneRunsAndTheSlowOneLater() {
    // given
    CountDownLatch slow = new CountDownLatch(1);
    hanging.put("slow", slow);
    ScriptedShareConsumer source =
        new ScriptedShareConsumer().batch(commands(0, "quick", "slow")).batch(commands(2, "next"));
    consumers.add(source);

    // when
    owner.start();

    // then
    await().atMost(SOON).until(() -> source.accepted.contains(0L));
    assertThat(source.accepted).doesNotContain(1L, 2L);
    await().atMost(SOON).until(() -> source.accepted.contains(2L));
    assertThat(source.accepted).contains(1L);
    assertThat(outcomes()).extracting(Outcome::getCommandId).doesNotContain("slow");
    assertThat(inFlight.commands()).isEqualTo(1);
    assertThat(meters.counter("areaflow.executors.accepted.late").count()).isEqualTo(1);
    slow.countDown();
    await().atMost(SOON).until(() -> inFlight.commands() == 0);
    assertThat(outcomes()).extracting(Outcome::getCommandId).contains("slow");
  }

  @Test
  void aRecordThatIsNoCommandBecomesADeadLetterAndTheRestGoesOn() {
    // given
    byte[] key = "k".getBytes(StandardCharsets.UTF_8);
    byte[] poison = {(byte) 0xFF, 1, 2};
    ScriptedShareConsumer source =
        new ScriptedShareConsumer()
            .batch(
                List.of(
                    new ConsumerRecord<>(Topics.COMMANDS.name(), 0, 7, key, poison),
                    commands(8, "good").getFirst()));
    consumers.add(source);

    // when
    owner.start();

    // then
    await().atMost(SOON).until(() -> source.accepted.size() == 2);
    assertThat(outcomes()).extracting(Outcome::getCommandId).containsExactly("good");
    assertThat(written(Topics.DEAD_LETTERS))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.getTopic()).isEqualTo(Topics.COMMANDS.name());
              assertThat(letter.getOffset()).isEqualTo(7);
              assertThat(letter.getValue().orElseThrow().array()).isEqualTo(poison);
              assertThat(letter.getCause()).isNotEmpty();
            });
  }

  @Test
  void whatMustNotBeCarriedOutTwiceIsNotWhenItComesAgain() {
    // given
    Command once = Commands.httpRequest("{}").setId("once").setAtMostOnce(true).build();
    Command any = Commands.named("any");
    ScriptedShareConsumer source =
        new ScriptedShareConsumer()
            .batch(
                List.of(
                    delivered(0, Command.newBuilder(once).setId("first").build(), 1),
                    delivered(1, once, 2),
                    delivered(2, any, 2)));
    consumers.add(source);

    // when
    owner.start();

    // then
    await().atMost(SOON).until(() -> source.accepted.size() == 3);
    assertThat(outcomes())
        .extracting(Outcome::getCommandId, Outcome::getKind)
        .containsExactlyInAnyOrder(
            tuple("first", OutcomeKind.SUCCEEDED),
            tuple("once", OutcomeKind.FAILED),
            tuple("any", OutcomeKind.SUCCEEDED));
    assertThat(outcomes())
        .filteredOn(outcome -> outcome.getCommandId().equals("once"))
        .singleElement()
        .satisfies(
            outcome -> {
              assertThat(outcome.getErrorClass()).contains(ErrorClass.UNCONFIRMED);
              assertThat(outcome.getMessage().orElseThrow()).contains("may have been carried out");
            });
    await().atMost(SOON).until(() -> inFlight.commands() == 0);
  }

  @Test
  void aConsumerThatFailsIsMadeAgain() {
    // given
    ScriptedShareConsumer broken =
        new ScriptedShareConsumer().failingWith(new KafkaException("fenced"));
    ScriptedShareConsumer whole = new ScriptedShareConsumer().batch(commands(0, "a"));
    consumers.add(broken);
    consumers.add(whole);

    // when
    owner.start();

    // then
    await().atMost(SOON).until(() -> whole.accepted.size() == 1);
    assertThat(broken.isClosed()).isTrue();
    assertThat(consumer.trouble()).isEmpty();
    assertThat(meters.counter("areaflow.executors.consumer.restarts").count()).isEqualTo(1);
  }

  @Test
  void aFaultOfTheExecutorIsAnOutcomeToo() {
    // given
    ScriptedShareConsumer source = new ScriptedShareConsumer().batch(commands(0, "faulty"));
    consumers.add(source);

    // when
    owner.start();

    // then
    await().atMost(SOON).until(() -> source.accepted.size() == 1);
    assertThat(outcomes())
        .singleElement()
        .satisfies(
            outcome ->
                assertThat(outcome.getMessage()).contains("internal error: IllegalStateException"));
  }

  @Test
  void anErrorInTheExecutorIsAnOutcomeTooAndGivesItsRoomBack() {
    // given
    ScriptedShareConsumer source = new ScriptedShareConsumer().batch(commands(0, "deep"));
    consumers.add(source);

    // when
    owner.start();

    // then
    await().atMost(SOON).until(() -> source.accepted.size() == 1);
    assertThat(outcomes())
        .singleElement()
        .satisfies(
            outcome ->
                assertThat(outcome.getMessage()).contains("internal error: StackOverflowError"));
    await().atMost(SOON).until(() -> inFlight.commands() == 0);
  }

  @Test
  void whatIsNotWrittenIsAcceptedOnlyAfterItsWaitAndGivesItsRoomBack() {
    // given
    producer.sendException = new RecordTooLargeException("too large");
    ScriptedShareConsumer source = new ScriptedShareConsumer().batch(commands(0, "lost"));
    consumers.add(source);

    // when
    owner.start();

    // then
    await().atMost(SOON).until(() -> source.accepted.size() == 1);
    assertThat(meters.counter("areaflow.executors.accepted.late").count()).isEqualTo(1);
    assertThat(inFlight.commands()).isZero();
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void ofWhatMustNotBeCarriedOutTwiceAFaultLeavesOpenWhetherItWas() {
    // given
    Command once = Commands.httpRequest("{}").setId("faulty").setAtMostOnce(true).build();
    consumers.add(new ScriptedShareConsumer().batch(List.of(delivered(0, once, 1))));

    // when
    owner.start();

    // then
    await().atMost(SOON).until(() -> !producer.history().isEmpty());
    assertThat(outcomes())
        .singleElement()
        .satisfies(outcome -> assertThat(outcome.getErrorClass()).contains(ErrorClass.UNCONFIRMED));
  }

  @Test
  void aCallThatStillRunsAtTheStopIsGivenUpAndSaidSo() throws InterruptedException {
    // given
    hanging.put("endless", new CountDownLatch(1));
    ScriptedShareConsumer source = new ScriptedShareConsumer().batch(commands(0, "endless"));
    consumers.add(source);
    owner.start();
    await().atMost(SOON).until(() -> source.accepted.size() == 1);

    // when
    consumer.close();
    owner.join();
    work.close();

    // then
    assertThat(source.isClosed()).isTrue();
    assertThat(outcomes())
        .singleElement()
        .satisfies(
            outcome ->
                assertThat(outcome.getMessage())
                    .hasValueSatisfying(m -> assertThat(m).contains("stopped")));
  }

  private Outcome execute(Command command) throws InterruptedException {
    if (command.getId().equals("faulty")) {
      throw new IllegalStateException("a fault of ours");
    }
    if (command.getId().equals("deep")) {
      throw new StackOverflowError();
    }
    CountDownLatch latch = hanging.get(command.getId());
    if (latch != null) {
      latch.await();
    }
    return Outcomes.succeeded(command, Instant.EPOCH).build();
  }

  private List<ConsumerRecord<byte[], byte[]>> commands(long offset, String... ids) {
    try (Serde<Command> serde = serdes.values(Topics.COMMANDS)) {
      return IntStream.range(0, ids.length)
          .mapToObj(
              i ->
                  new ConsumerRecord<>(
                      Topics.COMMANDS.name(),
                      0,
                      offset + i,
                      ids[i].getBytes(StandardCharsets.UTF_8),
                      serde.serializer().serialize(Topics.COMMANDS.name(), Commands.named(ids[i]))))
          .toList();
    }
  }

  private ConsumerRecord<byte[], byte[]> delivered(long offset, Command command, int times) {
    try (Serde<Command> serde = serdes.values(Topics.COMMANDS)) {
      byte[] key = command.getId().getBytes(StandardCharsets.UTF_8);
      byte[] value = serde.serializer().serialize(Topics.COMMANDS.name(), command);
      return new ConsumerRecord<>(
          Topics.COMMANDS.name(),
          0,
          offset,
          0L,
          TimestampType.CREATE_TIME,
          key.length,
          value.length,
          key,
          value,
          new RecordHeaders(),
          Optional.empty(),
          Optional.of((short) times));
    }
  }

  private List<Outcome> outcomes() {
    return written(Topics.OUTCOMES);
  }

  private <V> List<V> written(Topic<V> topic) {
    try (Serde<V> serde = serdes.values(topic)) {
      return producer.history().stream()
          .filter(message -> message.topic().equals(topic.name()))
          .map(message -> serde.deserializer().deserialize(topic.name(), message.value()))
          .toList();
    }
  }
}
