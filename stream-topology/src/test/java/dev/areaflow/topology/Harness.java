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
import dev.areaflow.topology.forwarding.Forwarded;
import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.rules.Usage;
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
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.WindowStore;
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
  private final FilesInMemory files;
  private final TopologyTestDriver driver;
  private Instant now = START;
  private int happened;

  Harness(Path directory) {
    this(directory, Map.of());
    catchUp();
  }

  /**
   * One with other settings.
   *
   * @param settings by key
   */
  static Harness with(Path directory, Map<String, String> settings) {
    Harness harness = new Harness(directory, settings);
    harness.catchUp();
    return harness;
  }

  private void catchUp() {
    driver.advanceWallClockTime(CATCHING_UP);
    output(Topics.TICKS).readValuesToList();
  }

  /**
   * The task after a restart: nothing is left of it but its stores, and the topics, where the next
   * event comes after those that it has read.
   *
   * @param directory another one
   */
  Harness restarted(Path directory) {
    Harness next = new Harness(directory, Map.of());
    driver.getAllStateStores().forEach(next::restore);
    next.now = now;
    next.driver.advanceWallClockTime(Duration.between(START.minus(CATCHING_UP), now));
    for (int i = 0; i < happened; i++) {
      next.happen(event("read-" + i, "hook-of-nobody", EventSource.POLL, "{}"));
    }
    next.output(Topics.TICKS).readValuesToList();
    close();
    return next;
  }

  @SuppressWarnings("unchecked") // the same store, before and after
  private void restore(String name, StateStore before) {
    switch (before) {
      case KeyValueStore<?, ?> rows -> {
        KeyValueStore<Object, Object> store = driver.getKeyValueStore(name);
        try (var all = ((KeyValueStore<Object, Object>) rows).all()) {
          all.forEachRemaining(row -> store.put(row.key, row.value));
        }
      }
      case WindowStore<?, ?> windows -> {
        WindowStore<Object, Object> store = driver.getWindowStore(name);
        try (var all = ((WindowStore<Object, Object>) windows).all()) {
          all.forEachRemaining(
              row -> store.put(row.key.key(), row.value, row.key.window().start()));
        }
      }
      default -> {} // what a task only remembers is gone
    }
  }

  /** One whose task has just begun and has not read yet what is waiting. */
  static Harness catchingUp(Path directory) {
    return new Harness(directory, Map.of());
  }

  private Harness(Path directory, Map<String, String> settings) {
    TopologyConfig config = config(directory, settings);
    TopologyMetrics metrics = new TopologyMetrics(registry);
    this.memory = new StoreMemory(config.storeMebibytes());
    this.files = new FilesInMemory();
    Properties properties =
        ApplicationProperties.of(
            config, new DeadLetters(serdes, Clock.fixed(START, ZoneOffset.UTC), metrics), memory);
    files.configure(properties);
    // The driver drops what is written in a transaction while a record is read, as dead letters
    // are.
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    Topology topology = new AreaflowTopology(config, serdes, metrics).build(properties);
    this.driver = new TopologyTestDriver(topology, properties, START.minus(CATCHING_UP));
  }

  static TopologyConfig config(Path directory, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>();
    all.put("topics.partitions", "1"); // the driver has one task
    all.putAll(settings);
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
    happen(event.getHookId(), event);
  }

  /** Writes an event where it did not come in: a replay for an AREA that is its own home. */
  void happen(String home, Event event) {
    happened++;
    input(Topics.EVENTS).pipeInput(home, event, now);
  }

  /** Writes what is no event into the events. */
  void happen(String key, byte[] garbage) {
    driver
        .createInputTopic(Topics.EVENTS.name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput(key, garbage, now);
  }

  /** Writes what another task forwards into the topic between hooks and homes. */
  void forward(Forwarded forwarded) {
    driver
        .createInputTopic(
            AreaflowTopology.FORWARDED_TOPIC, new StringSerializer(), Forwarded.SERDE.serializer())
        .pipeInput("", forwarded, now);
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

  /** How many records a topic got since the last look. */
  long records(String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList()
        .size();
  }

  TopologyTestDriver driver() {
    return driver;
  }

  /** How much the rule of an AREA remembers. */
  Usage usage(String home, String areaId) {
    KeyValueStore<HomeKey, Usage> usages = driver.getKeyValueStore(TaskStores.USAGES);
    Usage usage = usages.get(new HomeKey(home, areaId));
    return usage == null ? Usage.NONE : usage;
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
    files.close();
    memory.close();
  }
}
