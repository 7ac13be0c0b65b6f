package dev.areaflow.executors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.executors.OutcomePublisher.Fate;
import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutcomePublisherTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final CountDownLatch sent = new CountDownLatch(2);
  private final MockProducer<String, byte[]> producer =
      new MockProducer<>(
          false, new RoundRobinPartitioner(), new StringSerializer(), new ByteArraySerializer()) {
        @Override
        public synchronized Future<RecordMetadata> send(
            ProducerRecord<String, byte[]> written, Callback callback) {
          Future<RecordMetadata> future = super.send(written, callback);
          sent.countDown();
          return future;
        }
      };
  private final OutcomePublisher publisher =
      new OutcomePublisher(
          producer, new LocalSerdes(), new ExecutorMetrics(meters, new InFlight(1, 1)));
  private final List<Fate> fates = new CopyOnWriteArrayList<>();
  private final Outcome outcome = Outcomes.expired(Commands.named("c"), Instant.EPOCH);

  @AfterEach
  void close() {
    publisher.close();
  }

  @Test
  void anOutcomeIsDoneOnlyWhenKafkaHasIt() {
    // given
    publisher.publish(outcome, fates::add);
    assertThat(fates).isEmpty();

    // when
    producer.completeNext();

    // then
    assertThat(fates).containsExactly(Fate.WRITTEN);
    var written = producer.history().getFirst();
    assertThat(written.topic()).isEqualTo(Topics.OUTCOMES.name());
    assertThat(written.key()).isEqualTo("hook-1");
    try (var serde = new LocalSerdes().values(Topics.OUTCOMES)) {
      assertThat(serde.deserializer().deserialize(written.topic(), written.value()))
          .isEqualTo(outcome);
    }
  }

  @Test
  void whatKafkaDoesNotTakeNowIsSentAgain() throws InterruptedException {
    // given
    publisher.publish(outcome, fates::add);

    // when
    producer.errorNext(new NotLeaderOrFollowerException("moved"));

    // then
    assertThat(sent.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(fates).isEmpty();
    producer.completeNext();
    assertThat(fates).containsExactly(Fate.WRITTEN);
    assertThat(meters.counter("areaflow.executors.outcomes.retried").count()).isEqualTo(1);
  }

  @Test
  void whatKafkaNeverTakesIsGivenUpAndNotCalledWritten() {
    // given
    publisher.publish(outcome, fates::add);

    // when
    producer.errorNext(new RecordTooLargeException("too large"));

    // then
    assertThat(fates).containsExactly(Fate.GIVEN_UP);
    assertThat(producer.history()).hasSize(1);
  }

  @Test
  void aDeadLetterIsKeyedByWhereItsRecordWas() {
    // given
    var letter = DeadLetter.newBuilder().setTopic("t").setPartition(2).setOffset(17).build();

    // when
    publisher.publish(letter, fates::add);

    // then
    assertThat(producer.history().getFirst().topic()).isEqualTo(Topics.DEAD_LETTERS.name());
    assertThat(producer.history().getFirst().key()).isEqualTo("t-2-17");
  }
}
