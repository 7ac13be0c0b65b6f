package dev.areaflow.ingest.polls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.HttpClientConfig;
import dev.areaflow.schemas.avro.Poll;
import dev.areaflow.schemas.avro.PollResult;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.ScriptedShareConsumer;
import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How polls are taken, whatever becomes of them. */
final class PollWorkerTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final LocalSerdes serdes = new LocalSerdes();
  private final MockProducer<String, byte[]> producer =
      new MockProducer<>(
          true, new RoundRobinPartitioner(), new StringSerializer(), new ByteArraySerializer());
  private final Queue<ScriptedShareConsumer> consumers = new ArrayDeque<>();
  private final CountDownLatch slow = new CountDownLatch(1);
  private final PollWorker worker =
      new PollWorker(
          () -> consumers.size() > 1 ? consumers.remove() : consumers.element(),
          () -> producer,
          serdes,
          this::carryOut,
          new GuardedHttpClient(HttpClientConfig.from(Settings.of(Map.of()))));

  @AfterEach
  void stop() {
    slow.countDown();
    worker.close();
  }

  @Test
  void aSlowPollHoldsUpNoneBehindIt() {
    // given
    ScriptedShareConsumer source =
        new ScriptedShareConsumer().batch(polls(0, "slow", "quick")).batch(polls(2, "next"));
    consumers.add(source);

    // when
    worker.start();

    // then
    await().atMost(SOON).until(() -> results().size() == 2);
    assertThat(results()).containsExactlyInAnyOrder("quick", "next");
    await().atMost(SOON).until(() -> source.accepted.containsAll(List.of(0L, 1L, 2L)));
    slow.countDown();
    await().atMost(SOON).until(() -> results().contains("slow"));
  }

  @Test
  void aPollThatFailsByABugOrCannotBeReadStopsNoOther() {
    // given
    List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>(polls(0, "bug"));
    batch.add(new ConsumerRecord<>(Topics.POLLS.name(), 0, 1, null, new byte[] {1, 2, 3}));
    batch.addAll(polls(2, "good"));
    consumers.add(new ScriptedShareConsumer().batch(batch));

    // when
    worker.start();

    // then
    await().atMost(SOON).until(() -> results().equals(List.of("good")));
    assertThat(consumers.element().accepted).doesNotContain(1L);
  }

  @Test
  void aConsumerThatFailsIsMadeAgain() {
    // given
    consumers.add(new ScriptedShareConsumer().failingWith(new KafkaException("fenced")));
    consumers.add(new ScriptedShareConsumer().batch(polls(0, "good")));

    // when
    worker.start();

    // then
    await().atMost(SOON).until(() -> results().equals(List.of("good")));
  }

  private List<PollResult> carryOut(Poll poll) throws InterruptedException {
    switch (poll.getHookId()) {
      case "slow" -> slow.await();
      case "bug" -> throw new IllegalStateException("a bug");
      default -> {}
    }
    return List.of(PollResult.newBuilder().setHookId(poll.getHookId()).build());
  }

  private List<String> results() {
    return producer.history().stream().map(ProducerRecord::key).toList();
  }

  private List<ConsumerRecord<byte[], byte[]>> polls(long offset, String... hooks) {
    return IntStream.range(0, hooks.length)
        .mapToObj(
            i ->
                new ConsumerRecord<byte[], byte[]>(
                    Topics.POLLS.name(),
                    0,
                    offset + i,
                    null,
                    serdes
                        .values(Topics.POLLS)
                        .serializer()
                        .serialize(
                            Topics.POLLS.name(), Poll.newBuilder().setHookId(hooks[i]).build())))
        .toList();
  }
}
