package dev.areaflow.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.ingest.requests.ReplayWorker;
import dev.areaflow.launcher.embedded.KafkaBroker;
import dev.areaflow.launcher.embedded.Ports;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.FiredEvent;
import dev.areaflow.schemas.avro.ReplayProgress;
import dev.areaflow.schemas.avro.ReplayStatus;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.backtest.Replayer;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RequestRow;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.TopicSettings;
import dev.areaflow.schemas.topics.Topics;
import dev.areaflow.topology.BacktestConfig;
import dev.areaflow.topology.TopicReplayer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays on a real broker, by workers in processes of their own that are killed. */
final class ReplayWorkerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String HOOK = "hook-1";
  private static final String OWNER = "owner-1";
  private static final LocalSerdes SERDES = new LocalSerdes();

  @TempDir private Path folder;
  private final List<Process> workers = new ArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final Instant begun = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private KafkaBroker broker;

  /** What the child process of a test runs, until it is killed. */
  public static void main(String[] arguments) throws InterruptedException {
    Settings settings = settings(arguments[0]);
    Replayer replayer = new TopicReplayer(BacktestConfig.from(settings), SERDES);
    new ReplayWorker(arguments[0], SERDES, replayer, new SimpleMeterRegistry()).start();
    Thread.currentThread().join();
  }

  @BeforeEach
  void startBroker() throws InterruptedException {
    broker = new KafkaBroker(folder.resolve("kafka"), Ports.free(), Ports.free());
    broker.start();
    Settings settings = settings(broker.bootstrapServers());
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      new TopicAdmin(admin, TopicSettings.from(settings)).createMissing();
    }
  }

  private static Settings settings(String bootstrapServers) {
    return Settings.of(
        Map.of(
            "kafka.bootstrap-servers",
            bootstrapServers,
            "registry.url",
            "http://127.0.0.1:1/apis/registry/v3"));
  }

  @AfterEach
  void stopAll() {
    workers.forEach(Process::destroyForcibly);
    broker.close();
  }

  @Test
  void aReplayGoesOnWhereAKilledWorkerWasAndDoublesNothing() throws Exception {
    // given
    List<String> ids = keepEvents(300);
    Process first = startWorker();
    String replay = replay(100);
    awaitReplayed(replay, 40);
    first.destroyForcibly().waitFor();
    int whenKilled = replayed(replay).size();
    Process second = startWorker();
    awaitReplayed(replay, Math.max(whenKilled, 40) + 60);

    // when
    second.destroyForcibly().waitFor();
    startWorker();

    // then
    awaitStatus(replay, ReplayStatus.FINISHED);
    assertThat(whenKilled).isLessThan(300);
    assertThat(replayed(replay)).containsExactlyElementsOf(ids);
    assertThat(progress(replay).getSent()).isEqualTo(300);
  }

  @Test
  void aReplayIsCancelledAndGoesOnWhereItStopped() throws Exception {
    // given
    List<String> ids = keepEvents(60);
    startWorker();
    String replay = replay(20);
    awaitReplayed(replay, 10);
    ask("replay-cancel", "{\"replayId\":\"" + replay + "\"}");
    awaitStatus(replay, ReplayStatus.CANCELLED);
    int whenCancelled = replayed(replay).size();

    // when
    ask("replay-resume", body(replay, 20));

    // then
    awaitStatus(replay, ReplayStatus.FINISHED);
    assertThat(whenCancelled).isBetween(10, 59);
    assertThat(replayed(replay)).containsExactlyElementsOf(ids);
  }

  @Test
  void whatARuleFiredIsFoundAgainAfterAKillAndWrittenOnce() throws Exception {
    // given
    List<String> ids = keepEvents(300);
    Process first = startWorker();
    Plan counting =
        new Plan(
            "webhook",
            "received",
            null,
            new RulePlan.Count(3, Duration.ofHours(1)),
            null,
            List.of());
    String replay = UUID.randomUUID().toString();
    ask(
        "replay",
        body(replay, 20, "\"plan\":" + JsonNodeFactory.instance.textNode(counting.toJson())));
    awaitReplayed(replay, 20);
    first.destroyForcibly().waitFor();
    int whenKilled = replayed(replay).size();

    // when
    startWorker();

    // then
    awaitStatus(replay, ReplayStatus.FINISHED);
    assertThat(whenKilled).isLessThan(100);
    List<Event> written = events(replay);
    assertThat(written).hasSize(100);
    assertThat(written).extracting(Event::getId).doesNotHaveDuplicates();
    assertThat(written)
        .flatExtracting(event -> event.getFiring().orElseThrow().getEvents())
        .extracting(FiredEvent::getId)
        .containsExactlyElementsOf(ids);
    assertThat(progress(replay).getSent()).isEqualTo(100);
  }

  @Test
  void eventsOfSeveralHooksGoToTheHomeOfTheAreaInTheirOrder() throws Exception {
    // given
    keepEvents(20);
    startWorker();
    String replay = UUID.randomUUID().toString();
    Plan plan = new Plan("", "", null, List.of());
    String listens =
        "[{\"hookId\":\"hook-1\",\"of\":\"one\"},{\"hookId\":\"another\",\"of\":\"two\"}]";

    // when
    ask(
        "replay",
        body(
            replay,
            100,
            "\"plan\":%s,\"listens\":%s"
                .formatted(
                    JsonNodeFactory.instance.textNode(plan.toJson()),
                    JsonNodeFactory.instance.textNode(listens))));

    // then
    awaitStatus(replay, ReplayStatus.FINISHED);
    List<Event> written = events(replay);
    assertThat(written).hasSize(40);
    assertThat(written.stream().filter(event -> event.getOf().equals("one")).map(Event::getId))
        .containsExactlyElementsOf(IntStream.range(0, 20).mapToObj(i -> "e" + i).toList());
    assertThat(written.stream().filter(event -> event.getOf().equals("two"))).hasSize(20);
  }

  @Test
  void ofAnAreaWhoseRunsWaitForOneAnotherFewAreWrittenUntilSomeHaveEnded() throws Exception {
    // given
    keepEvents(30);
    startWorker();
    String replay = UUID.randomUUID().toString();
    ask("replay", body(replay, 100, "\"serial\":true"));
    awaitReplayed(replay, 10);

    // when
    end(replay, 5);
    awaitReplayed(replay, 15);
    int whenSomeHadEnded = replayed(replay).size();
    end(replay, 10);
    awaitReplayed(replay, 25);
    end(replay, 10);

    // then
    awaitStatus(replay, ReplayStatus.FINISHED);
    assertThat(whenSomeHadEnded).isEqualTo(15);
    assertThat(replayed(replay)).hasSize(30);
  }

  /** Lets runs of the replay end. */
  private void end(String replay, int runs) throws InterruptedException, ExecutionException {
    try (KafkaProducer<String, byte[]> producer = producer()) {
      for (int i = 0; i < runs; i++) {
        RunRecord run =
            RunRecord.newBuilder()
                .setAreaId("area-1")
                .setReplayId(replay)
                .setStatus(RunStatus.SUCCEEDED)
                .build();
        write(producer, Topics.RUNS, "area-1", run, new RecordHeaders());
      }
    }
  }

  private Process startWorker() throws IOException {
    Process worker =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ReplayWorkerIT.class.getName(),
                broker.bootstrapServers())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
            .start();
    workers.add(worker);
    return worker;
  }

  private List<String> keepEvents(int count) throws InterruptedException, ExecutionException {
    List<String> ids = IntStream.range(0, count).mapToObj(i -> "e" + i).toList();
    try (KafkaProducer<String, byte[]> producer = producer()) {
      for (String id : ids) {
        Event event =
            Event.newBuilder()
                .setId(id)
                .setHookId(HOOK)
                .setOwnerId(OWNER)
                .setService("webhook")
                .setAction("received")
                .setTime(begun)
                .setReceivedAt(begun)
                .setSource(EventSource.WEBHOOK)
                .setPayload(ByteBuffer.wrap("{}".getBytes(StandardCharsets.UTF_8)))
                .build();
        write(producer, Topics.EVENTS, HOOK, event, CloudEvents.headers(event));
        write(
            producer,
            Topics.EVENTS,
            "another",
            Event.newBuilder(event).setHookId("another").build(),
            new RecordHeaders());
      }
    }
    return ids;
  }

  private String replay(int perSecond) throws InterruptedException, ExecutionException {
    String id = UUID.randomUUID().toString();
    ask("replay", body(id, perSecond));
    return id;
  }

  private String body(String replay, int perSecond) {
    return body(replay, perSecond, "\"when\":null");
  }

  /**
   * @param more fields
   */
  private String body(String replay, int perSecond, String more) {
    return """
        {"replayId":"%s","areaId":"area-1","hookId":"%s","generation":1,"from":"%s","to":"%s",
         "eventIds":[],"force":false,"perSecond":%d,%s}
        """
        .formatted(replay, HOOK, begun.minusSeconds(60), begun.plusSeconds(3_600), perSecond, more);
  }

  private void ask(String kind, String body) throws InterruptedException, ExecutionException {
    Instant at = begun.plusSeconds(asked.incrementAndGet());
    try (KafkaProducer<String, byte[]> producer = producer()) {
      RequestRow row = new RequestRow(UUID.randomUUID().toString(), OWNER, HOOK, kind, body, at);
      write(producer, Topics.REQUESTS, HOOK, row, new RecordHeaders());
    }
  }

  private KafkaProducer<String, byte[]> producer() {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", broker.bootstrapServers(), "acks", "all"),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  /** Returns when the record is kept: of several under way one may be refused, and come later. */
  private static <V> void write(
      KafkaProducer<String, byte[]> producer, Topic<V> topic, String key, V value, Headers headers)
      throws InterruptedException, ExecutionException {
    byte[] bytes = SERDES.values(topic).serializer().serialize(topic.name(), value);
    producer.send(new ProducerRecord<>(topic.name(), null, key, bytes, headers)).get();
  }

  private void awaitReplayed(String replay, int most) {
    await().atMost(PATIENCE).until(() -> replayed(replay).size() >= most);
  }

  private void awaitStatus(String replay, ReplayStatus status) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                read(Topics.REPLAY_PROGRESS).stream()
                    .anyMatch(p -> p.getReplayId().equals(replay) && p.getStatus() == status));
  }

  private ReplayProgress progress(String replay) {
    return read(Topics.REPLAY_PROGRESS).stream()
        .filter(progress -> progress.getReplayId().equals(replay))
        .reduce((older, newer) -> newer)
        .orElseThrow();
  }

  /** Ids of the events that a replay wrote, in their order. */
  private List<String> replayed(String replay) {
    return events(replay).stream().map(Event::getId).toList();
  }

  private List<Event> events(String replay) {
    return read(Topics.EVENTS).stream()
        .filter(event -> event.getReplayId().filter(replay::equals).isPresent())
        .toList();
  }

  /** All that is committed, each partition in its order. */
  private <V> List<V> read(Topic<V> topic) {
    List<V> found = new ArrayList<>();
    try (KafkaConsumer<String, V> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest"),
            new StringDeserializer(),
            SERDES.values(topic).deserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> found.add(record.value()));
      }
    }
    return found;
  }
}
