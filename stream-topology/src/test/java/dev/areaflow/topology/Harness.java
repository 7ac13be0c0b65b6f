package dev.areaflow.topology;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.schemas.avro.AreaStatus;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.OutcomeKind;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.Tick;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RequestRow;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.jspecify.annotations.Nullable;

/** The whole topology in a test driver, in the words of its topics. */
final class Harness implements AutoCloseable {
  static final Instant START = Instant.parse("2026-07-01T10:00:00Z");
  static final String HOOK = "hook-1";
  static final String AREA = "area-1";

  /** Until the first tick of a task is back. */
  private static final Duration CATCHING_UP = Duration.ofSeconds(1);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final LocalSerdes serdes = new LocalSerdes();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final StoreMemory memory;
  private final TopologyTestDriver driver;
  private Instant now = START;

  Harness(Path directory) {
    this(directory, Map.of());
    driver.advanceWallClockTime(CATCHING_UP);
    output(Topics.TICKS).readValuesToList();
  }

  /** One whose task has just begun and has not read yet what is waiting. */
  static Harness catchingUp(Path directory) {
    return new Harness(directory, Map.of());
  }

  private Harness(Path directory, Map<String, String> settings) {
    TopologyConfig config = config(directory, settings);
    TopologyMetrics metrics = new TopologyMetrics(registry);
    this.memory = new StoreMemory(config.storeMebibytes());
    Properties properties =
        ApplicationProperties.of(
            config, new DeadLetters(serdes, Clock.fixed(START, ZoneOffset.UTC), metrics), memory);
    // The driver drops what is written in a transaction while a record is read, as dead letters
    // are.
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    Topology topology = new AreaflowTopology(config, serdes, metrics).build(properties);
    this.driver = new TopologyTestDriver(topology, properties, START.minus(CATCHING_UP));
  }

  static TopologyConfig config(Path directory, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("kafka.bootstrap-servers", "127.0.0.1:1");
    all.put("registry.url", "http://127.0.0.1:1");
    all.put("state.dir", directory.toString());
    return TopologyConfig.from(Settings.of(all));
  }

  /** An AREA at {@link #HOOK} that posts the event's title, if the condition holds. */
  static AreaRow area(long version, @Nullable String condition) {
    return area(AREA, HOOK, version, plan(condition, "notify", "${event.title}"), true);
  }

  static AreaRow area(String id, String hook, long version, Plan plan, boolean enabled) {
    return new AreaRow(
        id, "owner-1", hook, "name of " + id, plan.toJson(), version, enabled, null, null);
  }

  static AreaRow deleted(AreaRow row, long version) {
    return new AreaRow(
        row.id(),
        row.ownerId(),
        row.hookId(),
        row.name(),
        row.plan(),
        version,
        row.enabled(),
        START,
        null);
  }

  /**
   * @param steps id and text, in turn
   */
  static Plan plan(@Nullable String condition, String... steps) {
    List<Plan.Step> all = new ArrayList<>();
    for (int i = 0; i < steps.length; i += 2) {
      all.add(
          new Plan.Step(
              steps[i],
              "http",
              "request",
              null,
              JSON.createObjectNode().put("text", steps[i + 1]),
              List.of()));
    }
    return new Plan("github", "issue_opened", condition, all);
  }

  static Event event(String id, String payload) {
    return event(id, HOOK, EventSource.WEBHOOK, payload);
  }

  static Event event(String id, String hook, EventSource source, String payload) {
    return Event.newBuilder()
        .setId(id)
        .setHookId(hook)
        .setOwnerId("owner-1")
        .setService("github")
        .setAction("issue_opened")
        .setTime(START)
        .setReceivedAt(START)
        .setSource(source)
        .setPayload(ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)))
        .build();
  }

  void define(AreaRow row) {
    input(Topics.DEFINITIONS).pipeInput(row.id(), row, now);
  }

  /** Writes a row as change data capture does, whether or not it is one of an AREA. */
  void define(String areaId, Map<String, Object> columns) {
    try {
      rows().pipeInput(areaId, JSON.writeValueAsBytes(columns), now);
    } catch (JsonProcessingException e) {
      throw new AssertionError("expected columns that JSON can say", e);
    }
  }

  void purge(String areaId) {
    rows().pipeInput(areaId, (byte[]) null, now);
  }

  private TestInputTopic<String, byte[]> rows() {
    return driver.createInputTopic(
        Topics.DEFINITIONS.name(), new StringSerializer(), new ByteArraySerializer());
  }

  void happen(Event event) {
    input(Topics.EVENTS).pipeInput(event.getHookId(), event, now);
  }

  /** Writes what is no event into the events. */
  void happen(String key, byte[] garbage) {
    driver
        .createInputTopic(Topics.EVENTS.name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput(key, garbage, now);
  }

  /** The owner asks something of the running system. */
  void ask(String kind, String body) {
    ask("owner-1", kind, body);
  }

  void ask(String ownerId, String kind, String body) {
    ask(ownerId, now, kind, body);
  }

  void ask(String ownerId, Instant asked, String kind, String body) {
    input(Topics.REQUESTS)
        .pipeInput(HOOK, new RequestRow("request-1", ownerId, HOOK, kind, body, asked), now);
  }

  void tick() {
    input(Topics.TICKS).pipeInput("0", new Tick(now), now);
  }

  void answer(Outcome outcome) {
    input(Topics.OUTCOMES).pipeInput(outcome.getHome(), outcome, now);
  }

  void succeed(Command command) {
    answer(outcome(command).setKind(OutcomeKind.SUCCEEDED).setStatus(200).build());
  }

  /** Succeeds with what later steps see. */
  void succeed(Command command, String output) {
    answer(
        outcome(command)
            .setKind(OutcomeKind.SUCCEEDED)
            .setStatus(200)
            .setOutput(ByteBuffer.wrap(output.getBytes(StandardCharsets.UTF_8)))
            .build());
  }

  void fail(Command command, ErrorClass errorClass) {
    answer(
        outcome(command)
            .setKind(OutcomeKind.FAILED)
            .setErrorClass(errorClass)
            .setMessage("503 from the provider")
            .setStatus(503)
            .build());
  }

  static Outcome.Builder outcome(Command command) {
    return Outcome.newBuilder()
        .setCommandId(command.getId())
        .setHome(command.getHome())
        .setRunId(command.getRunId())
        .setStepId(command.getStepId())
        .setItem(command.getItem().orElse(null))
        .setAttempt(command.getAttempt());
  }

  /** Lets the wall clock and the record time go on together. */
  void pass(Duration time) {
    now = now.plus(time);
    driver.advanceWallClockTime(time);
  }

  Instant now() {
    return now;
  }

  List<Command> commands() {
    return output(Topics.COMMANDS).readValuesToList();
  }

  /** The one command since the last look. */
  Command command() {
    List<Command> commands = commands();
    if (commands.size() != 1) {
      throw new AssertionError("expected one command, found " + commands);
    }
    return commands.getFirst();
  }

  List<RunRecord> runs() {
    return output(Topics.RUNS).readValuesToList();
  }

  List<RunStatus> runStatuses() {
    return runs().stream().map(RunRecord::getStatus).toList();
  }

  List<AreaStatus> statuses() {
    return output(Topics.STATUS).readValuesToList();
  }

  List<DeadLetter> deadLetters() {
    return output(Topics.DEAD_LETTERS).readValuesToList();
  }

  <V> TestOutputTopic<String, V> output(Topic<V> topic) {
    return driver.createOutputTopic(
        topic.name(), new StringDeserializer(), serdes.values(topic).deserializer());
  }

  TopologyTestDriver driver() {
    return driver;
  }

  double counted(String name, String... tags) {
    return registry.get(name).tags(tags).counter().count();
  }

  static JsonNode inputs(Command command) {
    try {
      return JSON.readTree(StandardCharsets.UTF_8.decode(command.getInputs()).toString());
    } catch (JsonProcessingException e) {
      throw new AssertionError("expected inputs in JSON", e);
    }
  }

  private <V> TestInputTopic<String, V> input(Topic<V> topic) {
    return driver.createInputTopic(
        topic.name(), new StringSerializer(), serdes.values(topic).serializer());
  }

  @Override
  public void close() {
    driver.close();
    memory.close();
  }
}
