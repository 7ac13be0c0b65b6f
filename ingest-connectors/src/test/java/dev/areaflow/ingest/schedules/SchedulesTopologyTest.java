package dev.areaflow.ingest.schedules;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.expressions.clock.ClockSchedule;
import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.rows.HookRow;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.TopicAdmin;
import dev.areaflow.schemas.topics.TopicSettings;
import dev.areaflow.schemas.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SchedulesTopologyTest {
  private static final Instant START = Instant.parse("2026-03-02T10:00:30Z");
  private static final String HOOK = "0197a6f0-0000-7000-8000-000000000001";
  private static final String EVERY_MINUTE = "{\"every\": \"PT1M\"}";

  private final LocalSerdes serdes = new LocalSerdes();
  @TempDir private Path stateDir;
  private Function<HookRow, Optional<ClockSchedule>> clocks = SchedulesTopologyTest::clock;
  private Application application;

  @BeforeEach
  void start() {
    application = new Application(START);
  }

  @AfterEach
  void stop() {
    application.close();
  }

  @Test
  void nodesStoresAndTopicsKeepTheirNames() {
    // given
    StreamsConfig config = new StreamsConfig(properties());

    // when
    String description =
        new SchedulesTopology(SchedulesTopologyTest::clock, row -> Optional.empty(), serdes)
            .build(config)
            .describe()
            .toString();

    // then
    assertThat(description)
        .isEqualTo(
            """
            Topologies:
               Sub-topology: 0
                Source: hooks (topics: [area.hooks])
                  --> schedule-polls, schedule-clocks
                Source: poll-results (topics: [area.poll-results])
                  --> schedule-polls
                Source: wakes (topics: [area.wakes])
                  --> schedule-polls
                Processor: schedule-polls (stores: [polls-due, polls, poll-reports])
                  --> dead-letters, events, issued-polls, poll-status
                  <-- hooks, poll-results, wakes
                Processor: schedule-clocks (stores: [due, schedules])
                  --> dead-letters, events
                  <-- hooks
                Sink: dead-letters (topic: area.dead-letters)
                  <-- schedule-clocks, schedule-polls
                Sink: events (topic: area.events)
                  <-- schedule-polls, schedule-clocks
                Sink: issued-polls (topic: area.polls)
                  <-- schedule-polls
                Sink: poll-status (topic: area.poll-status)
                  <-- schedule-polls

            """);
  }

  @Test
  void eachScheduledInstantIsOneEventOfItsHook() {
    // given
    application.hook(interval(1, EVERY_MINUTE));

    // when
    application.pass(Duration.ofMinutes(3));

    // then
    assertThat(application.fired())
        .containsExactly("2026-03-02T10:01:00Z", "2026-03-02T10:02:00Z", "2026-03-02T10:03:00Z");
    TestRecord<String, Event> first = application.events.getFirst();
    assertThat(first.key()).isEqualTo(HOOK);
    assertThat(first.value().getHookId()).isEqualTo(HOOK);
    assertThat(first.value().getOwnerId()).isEqualTo("owner");
    assertThat(first.value().getService()).isEqualTo("timer");
    assertThat(first.value().getAction()).isEqualTo("interval");
    assertThat(first.value().getTime()).isEqualTo(Instant.parse("2026-03-02T10:01:00Z"));
    assertThat(first.value().getSource()).isEqualTo(EventSource.CLOCK);
    assertThat(StandardCharsets.UTF_8.decode(first.value().getPayload()).toString())
        .isEqualTo("{\"scheduledAt\":\"2026-03-02T10:01:00Z\"}");
    assertThat(first.headers().lastHeader("ce_id").value())
        .isEqualTo("2026-03-02T10:01:00Z".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void anEventComesWithinAQuarterOfASecondOfItsInstant() {
    // given
    application.hook(interval(1, EVERY_MINUTE));

    // when
    application.pass(Duration.ofMinutes(1));

    // then
    Event event = application.events.getFirst().value();
    assertThat(Duration.between(event.getTime(), event.getReceivedAt()))
        .isBetween(Duration.ZERO, Duration.ofMillis(250));
  }

  @Test
  void aPauseOfARunningProcessLosesNoInstant() {
    // given
    application.hook(interval(1, "{\"every\": \"PT10S\"}"));
    application.pass(Duration.ofSeconds(5));

    // when
    application.jump(Duration.ofSeconds(40));

    // then
    assertThat(application.fired())
        .containsExactly(
            "2026-03-02T10:00:40Z",
            "2026-03-02T10:00:50Z",
            "2026-03-02T10:01:00Z",
            "2026-03-02T10:01:10Z");
  }

  @Test
  void aPauseOverTheLongestIsADowntimeAndOneUpToItIsNot() {
    // given
    application.hook(interval(1, "{\"every\": \"PT10S\"}"));
    application.pass(Duration.ofSeconds(5));

    // when
    application.jump(ScheduleClocks.LONGEST_PAUSE);
    int afterThePause = application.events.size();
    application.jump(ScheduleClocks.LONGEST_PAUSE.plusMillis(200));
    application.pass(Duration.ofSeconds(2));

    // then
    assertThat(afterThePause).isEqualTo(6);
    assertThat(application.fired()).hasSize(7).last().isEqualTo("2026-03-02T10:02:30Z");
  }

  @Test
  void aMachineThatSleptForHoursFiresTheNewestMissedInstantOnly() {
    // given
    application.hook(cron(1, "*/30 * * * *", "last"));
    application.pass(Duration.ofSeconds(5));

    // when
    application.jump(Duration.ofHours(5));
    application.pass(Duration.ofSeconds(2));

    // then
    assertThat(application.fired()).containsExactly("2026-03-02T15:00:00Z");
  }

  @Test
  void afterDowntimeOnlyTheNewestMissedInstantFires() {
    // given
    application.hook(interval(1, EVERY_MINUTE));
    application.pass(Duration.ofMinutes(1));

    // when
    application.restartAfter(Duration.ofMinutes(10));
    application.pass(Duration.ofMinutes(1));

    // then
    assertThat(application.fired())
        .containsExactly("2026-03-02T10:01:00Z", "2026-03-02T10:11:00Z", "2026-03-02T10:12:00Z");
  }

  @Test
  void afterDowntimeNoMissedInstantFiresWhereNoneIsWanted() {
    // given
    application.hook(cron(1, "* * * * *", "none"));
    application.pass(Duration.ofMinutes(1));

    // when
    application.restartAfter(Duration.ofMinutes(10));
    application.pass(Duration.ofMinutes(1));

    // then
    assertThat(application.fired()).containsExactly("2026-03-02T10:01:00Z", "2026-03-02T10:12:00Z");
  }

  @Test
  void restartsAroundAnInstantNeitherLoseNorRepeatIt() {
    // given
    application.hook(interval(1, EVERY_MINUTE));
    application.pass(Duration.ofSeconds(22));

    // when
    for (int i = 0; i < 5; i++) {
      application.restartAfter(Duration.ofSeconds(2));
      application.pass(Duration.ofSeconds(2));
    }

    // then
    assertThat(application.fired()).containsExactly("2026-03-02T10:01:00Z");
  }

  @Test
  void rowsThatAreReadAgainAfterARestartChangeNothing() {
    // given
    application.hook(interval(1, EVERY_MINUTE));
    application.pass(Duration.ofMinutes(2));

    // when
    application.restartAfter(Duration.ofSeconds(5));
    application.hook(interval(1, EVERY_MINUTE));
    application.pass(Duration.ofSeconds(20));

    // then
    assertThat(application.fired()).containsExactly("2026-03-02T10:01:00Z", "2026-03-02T10:02:00Z");
  }

  @Test
  void aSingleInstantFiresOnce() {
    // given
    application.hook(row(1, "at", "{\"time\": \"2026-03-02T10:02:00Z\"}", true, null));

    // when
    application.pass(Duration.ofMinutes(5));
    application.restartAfter(Duration.ofMinutes(5));
    application.pass(Duration.ofMinutes(5));

    // then
    assertThat(application.fired()).containsExactly("2026-03-02T10:02:00Z");
  }

  @Test
  void aSingleInstantThatPassedInADowntimeFiresLate() {
    // given
    application.hook(row(1, "at", "{\"time\": \"2026-03-02T10:02:00Z\"}", true, null));

    // when
    application.restartAfter(Duration.ofHours(1));
    application.pass(Duration.ofMinutes(5));

    // then
    assertThat(application.fired()).containsExactly("2026-03-02T10:02:00Z");
  }

  @Test
  void aSingleInstantBeforeItsHookWasMadeNeverFires() {
    // given
    HookRow row = row(1, "at", "{\"time\": \"2026-03-02T09:00:00Z\"}", true, null);

    // when
    application.hook(row);
    application.pass(Duration.ofMinutes(5));

    // then
    assertThat(application.fired()).isEmpty();
  }

  @Test
  void aRowThatIsWrittenLongAfterItsHookWasMadeDoesNotFireThePast() {
    // given
    HookRow row = row(1, "at", "{\"time\": \"2026-03-02T10:01:00Z\"}", true, null);

    // when
    application.jump(Duration.ofDays(30));
    application.hook(row);
    application.pass(Duration.ofMinutes(5));

    // then
    assertThat(application.fired()).isEmpty();
  }

  @Test
  void aDisabledClockIsSilentAndGoesOnWithoutThePastWhenEnabledAgain() {
    // given
    application.hook(interval(1, EVERY_MINUTE));
    application.pass(Duration.ofMinutes(1));

    // when
    application.hook(row(2, "interval", EVERY_MINUTE, false, null));
    application.pass(Duration.ofMinutes(10));
    application.hook(row(3, "interval", EVERY_MINUTE, true, null));
    application.pass(Duration.ofMinutes(1));

    // then
    assertThat(application.fired()).containsExactly("2026-03-02T10:01:00Z", "2026-03-02T10:12:00Z");
  }

  @Test
  void anOlderRowDoesNotReviveADeletedClock() {
    // given
    application.hook(interval(1, EVERY_MINUTE));
    application.hook(row(2, "interval", EVERY_MINUTE, true, START));

    // when
    application.hook(interval(1, EVERY_MINUTE));
    application.pass(Duration.ofMinutes(5));

    // then
    assertThat(application.fired()).isEmpty();
  }

  @Test
  void aPurgedHookLeavesNothingBehind() {
    // given
    application.hook(interval(1, EVERY_MINUTE));

    // when
    application.purge(HOOK);
    application.pass(Duration.ofMinutes(5));

    // then
    assertThat(application.fired()).isEmpty();
    assertThat(application.contents(ScheduleClocks.SCHEDULES)).isEmpty();
    assertThat(application.contents(ScheduleClocks.DUE)).isEmpty();
  }

  @Test
  void changedInputsStartAnewAndUnchangedOnesGoOn() {
    // given
    application.hook(interval(1, EVERY_MINUTE));
    application.pass(Duration.ofSeconds(40));

    // when
    application.hook(row(2, "interval", EVERY_MINUTE, true, null));
    application.pass(Duration.ofMinutes(1));
    application.hook(row(3, "interval", "{\"every\": \"PT5M\"}", true, null));
    application.pass(Duration.ofMinutes(4));

    // then
    assertThat(application.fired())
        .containsExactly("2026-03-02T10:01:00Z", "2026-03-02T10:02:00Z", "2026-03-02T10:05:00Z");
  }

  @Test
  void aDailyClockKeepsItsLocalHourWhenSummerTimeBegins() {
    // given
    application.jump(Duration.between(START, Instant.parse("2026-03-28T00:00:00Z")));
    application.hook(
        row(2, "cron", "{\"cron\": \"0 9 * * *\", \"timezone\": \"Europe/Berlin\"}", true, null));

    // when
    application.pass(Duration.ofDays(2), Duration.ofSeconds(30));

    // then
    assertThat(application.fired()).containsExactly("2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z");
  }

  @Test
  void nothingFiresWhileATaskSettlesSoThatWaitingRowsAreReadFirst() {
    // given
    application.hook(interval(1, EVERY_MINUTE));

    // when
    application.restartAfter(Duration.ofMinutes(10));
    application.pass(Duration.ofMillis(800));
    application.hook(row(2, "interval", EVERY_MINUTE, false, null));
    application.pass(Duration.ofMinutes(5));

    // then
    assertThat(application.fired()).isEmpty();
  }

  @Test
  void rowsThatCannotBeReadGoToTheDeadLettersAndTheRestGoesOn() {
    // given
    application.raw("broken", "{\"id\": 7".getBytes(StandardCharsets.UTF_8));
    application.hook(row(1, "cron", "{\"cron\": \"not a cron\"}", true, null));

    // when
    application.hook(interval(2, EVERY_MINUTE));
    application.pass(Duration.ofMinutes(1));

    // then
    assertThat(application.fired()).containsExactly("2026-03-02T10:01:00Z");
    assertThat(application.deadLetters.stream().map(TestRecord::key))
        .containsExactly("area.hooks-0-0", "area.hooks-0-1");
    List<DeadLetter> letters = application.deadLetters.stream().map(TestRecord::value).toList();
    assertThat(letters.getFirst().getTopic()).isEqualTo(Topics.HOOKS.name());
    assertThat(letters.getFirst().getWhere()).isEqualTo("areaflow-schedules/schedule-clocks");
    assertThat(letters.getFirst().getCause()).contains("expected a JSON row of HookRow");
    assertThat(letters.getLast().getCause()).contains("cron");
  }

  @Test
  void aRowThatTheCodeFailsAtGoesToTheDeadLettersAndTheRestGoesOn() {
    // given
    clocks = failingFor("faulty");
    application.hook(of("faulty"));

    // when
    application.hook(interval(1, EVERY_MINUTE));
    application.pass(Duration.ofMinutes(1));

    // then
    assertThat(application.fired()).containsExactly("2026-03-02T10:01:00Z");
    assertThat(application.deadLetters)
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.key()).isEqualTo("area.hooks-0-0");
              assertThat(letter.value().getCause()).contains("a fault of ours");
            });
  }

  @Test
  void aDeadLetterStaysSmallEnoughToBeWritten() {
    // given
    byte[] row =
        ("{\"id\": 7" + " ".repeat(TopicAdmin.MAX_MESSAGE_BYTES)).getBytes(StandardCharsets.UTF_8);

    // when
    application.raw("broken", row);

    // then
    assertThat(application.deadLetters)
        .singleElement()
        .satisfies(
            letter ->
                assertThat(letter.value().getValue().orElseThrow().remaining())
                    .isEqualTo(2 * 1024 * 1024));
  }

  @Test
  void aClockThatCannotBeFiredGoesToTheDeadLettersOnceAndTheOthersGoOn() {
    // given
    application.hook(of("faulty"));
    application.hook(of("gone"));
    application.hook(interval(1, EVERY_MINUTE));
    Function<HookRow, Optional<ClockSchedule>> failing = failingFor("faulty");
    clocks = row -> row.id().equals("gone") ? Optional.empty() : failing.apply(row);

    // when
    application.pass(Duration.ofMinutes(3));

    // then
    assertThat(application.events.stream().map(TestRecord::key)).containsOnly(HOOK);
    assertThat(application.fired())
        .containsExactly("2026-03-02T10:01:00Z", "2026-03-02T10:02:00Z", "2026-03-02T10:03:00Z");
    assertThat(application.deadLetters)
        .extracting(TestRecord::key)
        .containsExactlyInAnyOrder("area.hooks-faulty", "area.hooks-gone");
    assertThat(application.deadLetters)
        .allSatisfy(
            letter -> {
              assertThat(letter.value().getTopic()).isEqualTo(Topics.HOOKS.name());
              assertThat(letter.value().getOffset()).isEqualTo(-1);
              assertThat(letter.value().getWhere()).isEqualTo("areaflow-schedules/schedule-clocks");
            });
    assertThat(application.contents(ScheduleClocks.DUE)).hasSize(1);
  }

  @Test
  void aClockThatCouldNotBeFiredRunsAgainAfterItsNextRow() {
    // given
    application.hook(interval(1, EVERY_MINUTE));
    clocks = failingFor(HOOK);
    application.pass(Duration.ofMinutes(2));
    clocks = SchedulesTopologyTest::clock;

    // when
    application.hook(interval(2, "{\"every\": \"PT2M\"}"));
    application.pass(Duration.ofMinutes(2));

    // then
    assertThat(application.fired()).containsExactly("2026-03-02T10:04:00Z");
  }

  @Test
  void anInstantBeyondAllMillisecondsStopsNoOtherClock() {
    // given
    application.hook(
        new HookRow(
            "far",
            "owner",
            "timer",
            "at",
            "{\"time\": \"+999999999-12-31T23:59:59Z\"}",
            1,
            null,
            1,
            true,
            START,
            null,
            null,
            null,
            0,
            false));

    // when
    application.hook(interval(1, EVERY_MINUTE));
    application.pass(Duration.ofMinutes(1));

    // then
    assertThat(application.fired()).containsExactly("2026-03-02T10:01:00Z");
  }

  @Test
  void aClockOfTheMachineThatIsSetBackRepeatsNothing() {
    // given
    application.hook(interval(1, EVERY_MINUTE));
    application.pass(Duration.ofMinutes(2));

    // when
    application.restartAfter(Duration.ofMinutes(-1));
    application.pass(Duration.ofMinutes(2));

    // then
    assertThat(application.fired())
        .containsExactly("2026-03-02T10:01:00Z", "2026-03-02T10:02:00Z", "2026-03-02T10:03:00Z");
  }

  @Test
  void hooksThatAreNoClocksAreNotKept() {
    // given
    HookRow webhook =
        new HookRow(
            HOOK, "owner", "github", "push", "{}", 1, null, 1, true, START, null, null, null, 0,
            false);

    // when
    application.hook(webhook);
    application.pass(Duration.ofMinutes(2));

    // then
    assertThat(application.contents(ScheduleClocks.SCHEDULES)).isEmpty();
  }

  @Test
  void manyClocksOfOneInstantAllFireOnce() {
    // given
    int many = 2_500;
    for (int i = 0; i < many; i++) {
      application.hook(
          new HookRow(
              "hook-" + i,
              "owner",
              "timer",
              "interval",
              EVERY_MINUTE,
              1,
              null,
              1,
              true,
              START,
              null,
              null,
              null,
              0,
              false));
    }

    // when
    application.pass(Duration.ofMinutes(1));

    // then
    assertThat(application.events.stream().map(TestRecord::key).distinct()).hasSize(many);
    assertThat(application.events).hasSize(many);
  }

  private static Function<HookRow, Optional<ClockSchedule>> failingFor(String hook) {
    return row -> {
      if (row.id().equals(hook)) {
        throw new IllegalStateException("a fault of ours");
      }
      return clock(row);
    };
  }

  private static HookRow of(String id) {
    return new HookRow(
        id,
        "owner",
        "timer",
        "interval",
        EVERY_MINUTE,
        1,
        null,
        1,
        true,
        START,
        null,
        null,
        null,
        0,
        false);
  }

  private static HookRow interval(long version, String inputs) {
    return row(version, "interval", inputs, true, null);
  }

  private static HookRow cron(long version, String cron, String catchUp) {
    return row(
        version,
        "cron",
        "{\"cron\": \"" + cron + "\", \"timezone\": \"UTC\", \"catchUp\": \"" + catchUp + "\"}",
        true,
        null);
  }

  private static HookRow row(
      long version, String action, String inputs, boolean enabled, @Nullable Instant deletedAt) {
    return new HookRow(
        HOOK, "owner", "timer", action, inputs, 1, null, version, enabled, START, deletedAt, null,
        null, 0, false);
  }

  private static Optional<ClockSchedule> clock(HookRow row) {
    try {
      return row.service().equals("timer")
          ? Optional.of(ClockSchedule.of(row.action(), new ObjectMapper().readTree(row.inputs())))
          : Optional.empty();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("inputs", e);
    }
  }

  private Map<String, Object> properties() {
    return Schedules.properties(
        new TopicSettings("localhost:9092", "http://localhost:8081/apis/registry/v3", 4, 1, 1),
        stateDir);
  }

  /** The application on the test driver, and its restarts: the stores' contents survive. */
  private final class Application implements AutoCloseable {
    private final List<TestRecord<String, Event>> events = new ArrayList<>();
    private final List<TestRecord<String, DeadLetter>> deadLetters = new ArrayList<>();
    private Instant now;
    private FilesInMemory files;
    private TopologyTestDriver driver;
    private TestInputTopic<String, byte[]> hooks;
    private TestOutputTopic<String, Event> eventTopic;
    private TestOutputTopic<String, DeadLetter> deadLetterTopic;

    @SuppressWarnings("NullAway.Init") // open() sets the rest
    private Application(Instant now) {
      this.now = now;
      open();
    }

    private void open() {
      Properties properties = new Properties();
      properties.putAll(properties());
      files = new FilesInMemory();
      files.configure(properties);
      driver =
          new TopologyTestDriver(
              new SchedulesTopology(row -> clocks.apply(row), row -> Optional.empty(), serdes)
                  .build(new StreamsConfig(properties)),
              properties,
              now);
      hooks =
          driver.createInputTopic(
              Topics.HOOKS.name(), new StringSerializer(), new ByteArraySerializer());
      eventTopic =
          driver.createOutputTopic(
              Topics.EVENTS.name(),
              new StringDeserializer(),
              serdes.values(Topics.EVENTS).deserializer());
      deadLetterTopic =
          driver.createOutputTopic(
              Topics.DEAD_LETTERS.name(),
              new StringDeserializer(),
              serdes.values(Topics.DEAD_LETTERS).deserializer());
    }

    void hook(HookRow row) {
      raw(row.id(), serdes.values(Topics.HOOKS).serializer().serialize("", row));
    }

    void raw(String key, byte[] value) {
      hooks.pipeInput(new TestRecord<>(key, value, now));
      drain();
    }

    @SuppressWarnings("NullAway") // a tombstone
    void purge(String key) {
      hooks.pipeInput(new TestRecord<>(key, (byte[]) null, now));
    }

    /** Time passes as it does, in steps shorter than the scan. */
    void pass(Duration duration) {
      pass(duration, Duration.ofMillis(200));
    }

    void pass(Duration duration, Duration step) {
      for (Duration passed = Duration.ZERO;
          passed.compareTo(duration) < 0;
          passed = passed.plus(step)) {
        jump(step);
      }
    }

    /** Time passes at once. */
    void jump(Duration duration) {
      now = now.plus(duration);
      driver.advanceWallClockTime(duration);
      drain();
    }

    void restartAfter(Duration downtime) {
      Map<Object, Object> schedules = contents(ScheduleClocks.SCHEDULES);
      Map<Object, Object> due = contents(ScheduleClocks.DUE);
      close();
      now = now.plus(downtime);
      open();
      schedules.forEach(driver.getKeyValueStore(ScheduleClocks.SCHEDULES)::put);
      due.forEach(driver.getKeyValueStore(ScheduleClocks.DUE)::put);
    }

    Map<Object, Object> contents(String store) {
      Map<Object, Object> contents = new HashMap<>();
      KeyValueStore<Object, Object> stored = driver.getKeyValueStore(store);
      try (var all = stored.all()) {
        while (all.hasNext()) {
          KeyValue<Object, Object> entry = all.next();
          contents.put(entry.key, entry.value);
        }
      }
      return contents;
    }

    List<String> fired() {
      return events.stream().map(event -> event.value().getId()).toList();
    }

    private void drain() {
      events.addAll(eventTopic.readRecordsToList());
      deadLetters.addAll(deadLetterTopic.readRecordsToList());
    }

    @Override
    public void close() {
      driver.close();
      files.close();
    }
  }
}
