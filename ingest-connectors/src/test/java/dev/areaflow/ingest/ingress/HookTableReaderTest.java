package dev.areaflow.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.ingest.ingress.Hook.Reception;
import dev.areaflow.schemas.rows.HookRow;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Topics;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HookTableReaderTest {
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();
  private static final String TOPIC = Topics.HOOKS.name();
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

  private final HookTable table = new HookTable(row -> Hook.of(row, CATALOG, TestHooks.KEY));
  private final LocalSerdes serdes = new LocalSerdes();
  private final Queue<Consumer<String, byte[]>> consumers = new ConcurrentLinkedQueue<>();
  private final HookTableReader reader =
      new HookTableReader(table, this::next, serdes.values(Topics.HOOKS).deserializer());

  @AfterEach
  void stop() {
    reader.close();
  }

  @Test
  void theTableIsCompleteWhenEveryRowOfTheStartIsRead() {
    // given
    HookRow first = row();
    HookRow second = row();
    Script script = new Script();
    script.poll(first.id(), bytes(first)).thenSee(() -> assertThat(table.complete()).isFalse());
    script.poll(second.id(), bytes(second));

    // when
    run(script);

    // then
    Eventually.holds("the table is complete", table::complete);
    assertThat(table.size()).isEqualTo(2);
    script.assertNothingFailed();
  }

  @Test
  void anEmptyTopicIsCompleteAtOnce() {
    // when
    run(new Script());

    // then
    Eventually.holds("the table is complete", table::complete);
  }

  @Test
  void rowsAreReadOnAfterwards() {
    // given
    Script script = new Script();
    run(script);
    Eventually.holds("the table is complete", table::complete);
    HookRow row = row();

    // when
    script.later(row.id(), bytes(row));

    // then
    Eventually.holds("the row is here", () -> find(row));
  }

  @Test
  void aRowThatCannotBeReadIsLeftOut() {
    // given
    HookRow good = row();
    Script script =
        new Script()
            .poll("a", "{".getBytes(UTF_8))
            .poll("b", "[]".getBytes(UTF_8))
            .poll("c", "{\"id\":null}".getBytes(UTF_8))
            .poll("d", "{}".getBytes(UTF_8))
            .poll(
                "e",
                ("{\"id\":\"no\",\"owner_id\":\"o\",\"service\":\"s\",\"action\":\"a\","
                        + "\"inputs\":\"{}\",\"created_at\":\"2026-06-01T10:00:00Z\"}")
                    .getBytes(UTF_8))
            .poll(null, null)
            .poll("no id", null)
            .poll(good.id(), bytes(good));

    // when
    run(script);

    // then
    Eventually.holds("the table is complete", table::complete);
    assertThat(find(good)).isTrue();
    assertThat(table.size()).isEqualTo(1);
  }

  @Test
  void aConsumerThatFailsIsMadeAnewAndTheTableStaysInUse() {
    // given
    HookRow row = row();
    HookRow other = row();
    Script failing = new Script().poll(row.id(), bytes(row));
    run(failing);
    Eventually.holds("the table is complete", table::complete);
    consumers.add(
        new Script()
            .poll(row.id(), bytes(TestHooks.version(TestHooks.disabled(row), 0)))
            .poll(other.id(), bytes(other))
            .consumer());

    // when
    failing.fail(new KafkaException("the broker is gone"));

    // then
    Eventually.holds("what came meanwhile is here", () -> find(other));
    assertThat(table.complete()).isTrue();
    assertThat(table.find(UUID.fromString(row.id())).orElseThrow().reception())
        .isInstanceOf(Reception.Open.class);
    assertThat(failing.consumer().closed()).isTrue();
  }

  @Test
  void aTopicThatIsNotThereYetIsLookedForAgain() {
    // given
    HookRow row = row();
    consumers.add(new MockConsumer<>("earliest"));

    // when
    run(new Script().poll(row.id(), bytes(row)));

    // then
    Eventually.holds("the row is here", () -> find(row));
  }

  @Test
  void aFaultDoesNotEndTheReading() {
    // given
    HookRow row = row();
    Script faulty = new Script();
    run(faulty);
    Eventually.holds("the table is complete", table::complete);
    consumers.add(new Script().poll(row.id(), bytes(row)).consumer());

    // when
    faulty.failOddly();

    // then
    Eventually.holds("the row is here", () -> find(row));
  }

  @Test
  void closingClosesTheConsumer() {
    // given
    Script script = new Script();
    run(script);
    Eventually.holds("the table is complete", table::complete);

    // when
    reader.close();

    // then
    assertThat(script.consumer().closed()).isTrue();
  }

  private void run(Script script) {
    consumers.add(script.consumer());
    reader.start();
  }

  private Consumer<String, byte[]> next() {
    Consumer<String, byte[]> next = consumers.poll();
    if (next == null) {
      throw new KafkaException("no broker");
    }
    return next;
  }

  private boolean find(HookRow row) {
    return table.find(UUID.fromString(row.id())).isPresent();
  }

  private static HookRow row() {
    return TestHooks.row(UUID.randomUUID(), "webhook", "received", "{}");
  }

  private byte[] bytes(HookRow row) {
    return serdes.values(Topics.HOOKS).serializer().serialize(TOPIC, row);
  }

  /** A consumer that is given one record each time it polls. */
  private static final class Script {
    private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
    private final Queue<AssertionError> failures = new ConcurrentLinkedQueue<>();
    private long end;

    Script() {
      Node node = new Node(0, "h", 1);
      Node[] nodes = {node};
      consumer.updatePartitions(TOPIC, List.of(new PartitionInfo(TOPIC, 0, node, nodes, nodes)));
      consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
      consumer.updateEndOffsets(Map.of(PARTITION, 0L));
    }

    Script poll(@Nullable String key, byte @Nullable [] value) {
      ConsumerRecord<String, byte[]> record = new ConsumerRecord<>(TOPIC, 0, end++, key, value);
      consumer.schedulePollTask(() -> consumer.addRecord(record));
      consumer.updateEndOffsets(Map.of(PARTITION, end));
      return this;
    }

    /** What holds between this poll and the next. */
    void thenSee(Runnable assertion) {
      consumer.schedulePollTask(
          () -> {
            try {
              assertion.run();
            } catch (AssertionError e) {
              failures.add(e);
            }
          });
    }

    /** A record that is written once the table is read. */
    void later(String key, byte[] value) {
      ConsumerRecord<String, byte[]> record = new ConsumerRecord<>(TOPIC, 0, end++, key, value);
      consumer.schedulePollTask(() -> consumer.addRecord(record));
    }

    void fail(KafkaException failure) {
      consumer.schedulePollTask(() -> consumer.setPollException(failure));
    }

    void failOddly() {
      consumer.schedulePollTask(
          () -> {
            throw new UnsupportedOperationException("a fault");
          });
    }

    MockConsumer<String, byte[]> consumer() {
      return consumer;
    }

    void assertNothingFailed() {
      assertThat(failures).isEmpty();
    }
  }
}
