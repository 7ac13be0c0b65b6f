package dev.areaflow.api.projections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.api.TestClock;
import dev.areaflow.api.TestDatabase;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.topics.KeptTopics;
import dev.areaflow.api.topics.Records;
import dev.areaflow.schemas.avro.AreaState;
import dev.areaflow.schemas.avro.AreaStatus;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.HookActivity;
import dev.areaflow.schemas.avro.ItemsRecord;
import dev.areaflow.schemas.avro.PollStatus;
import dev.areaflow.schemas.avro.RuleUsage;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepRecord;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ProjectionsTest {
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final Database database = TestDatabase.migrated();
  private final KeptTopics topics = new KeptTopics(new LocalSerdes());
  private final TestClock clock = new TestClock();
  private Projections projections = start();
  private final UUID owner = UUID.randomUUID();
  private final UUID area = UUID.randomUUID();
  private final UUID hook = UUID.randomUUID();

  private Projections start() {
    Projections started =
        new Projections(
            new ProjectionConfig(Duration.ofDays(90)),
            database,
            topics::consumer,
            new LocalSerdes(),
            clock,
            new SimpleMeterRegistry());
    started.start();
    return started;
  }

  @AfterEach
  void close() {
    projections.close();
    database.close();
  }

  private Records.Run run(String event) {
    return Records.run(owner, area, hook, event, now);
  }

  private void write(Records.Run run) {
    topics.append(Topics.RUNS, run.area().toString(), run.build());
  }

  private List<Map<String, Object>> rows(String query) {
    return database.jdbi().withHandle(handle -> handle.createQuery(query).mapToMap().list());
  }

  private String statusOf(Records.Run run) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery("SELECT status FROM runs WHERE id = :id")
                    .bind("id", run.id().value())
                    .mapTo(String.class)
                    .findOne()
                    .orElse("absent"));
  }

  @Test
  void aRunIsKeptInItsNewestTransitionWhateverTheOrder() {
    // given
    Records.Run running = run("one");
    Records.Run succeeded = run("one").transition(2).status(RunStatus.SUCCEEDED);

    // when
    write(succeeded);
    write(running);
    write(run("end"));

    // then
    await().untilAsserted(() -> assertThat(statusOf(run("end"))).isEqualTo("running"));
    assertThat(statusOf(succeeded)).isEqualTo("succeeded");
    assertThat(rows("SELECT * FROM runs_default")).isEmpty();
  }

  @Test
  void stepsAreKeptAsTheApiShowsThem() throws Exception {
    // given
    StepRecord failed =
        new StepRecord(
            "notify",
            "command",
            StepStatus.FAILED,
            9,
            503,
            ErrorClass.RETRYABLE,
            "503 from \u0000example.org",
            "busy",
            null,
            now,
            now.plusSeconds(1),
            null,
            null,
            null);

    // when
    write(run("one").transition(3).status(RunStatus.FAILED).steps(failed));

    // then
    await().untilAsserted(() -> assertThat(statusOf(run("one"))).isEqualTo("failed"));
    String steps =
        database
            .jdbi()
            .withHandle(h -> h.createQuery("SELECT steps FROM runs").mapTo(String.class).one());
    assertThat(new ObjectMapper().readTree(steps))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    [{"id":"notify","status":"failed","attempts":9,
                      "response":{"status":503,"excerpt":"busy"},
                      "error":{"class":"retryable","message":"503 from \uFFFDexample.org"},
                      "startedAt":"%s","finishedAt":"%s"}]
                    """
                        .formatted(now, now.plusSeconds(1))));
  }

  @Test
  void whereARunLivesAndHowFarItsStepsAreIsKept() throws Exception {
    // given
    UUID home = UUID.randomUUID();
    StepRecord choice =
        StepRecord.newBuilder()
            .setId("choice")
            .setStatus(StepStatus.SUCCEEDED)
            .setBranch(-1)
            .build();
    StepRecord each =
        StepRecord.newBuilder()
            .setId("each")
            .setStatus(StepStatus.PENDING)
            .setItems(new ItemsRecord(5, 3, 1))
            .build();

    // when
    write(run("one").home(home).status(RunStatus.QUEUED).steps(choice, each));

    // then
    await().untilAsserted(() -> assertThat(statusOf(run("one"))).isEqualTo("queued"));
    assertThat(rows("SELECT home FROM runs")).containsExactly(Map.of("home", home.toString()));
    String steps =
        database
            .jdbi()
            .withHandle(h -> h.createQuery("SELECT steps FROM runs").mapTo(String.class).one());
    JsonNode shown = new ObjectMapper().readTree(steps);
    assertThat(shown.at("/0/branch").asInt()).isEqualTo(-1);
    assertThat(shown.at("/1/status").asText()).isEqualTo("pending");
    assertThat(shown.at("/1/items"))
        .isEqualTo(new ObjectMapper().readTree("{\"total\":5,\"succeeded\":3,\"failed\":1}"));
  }

  @Test
  void verdictsWithoutARunAreNoRuns() {
    // given
    write(run("filtered").status(RunStatus.FILTERED));
    write(run("error").status(RunStatus.ERROR));
    write(run("duplicate").status(RunStatus.DUPLICATE));

    // when
    write(run("end"));

    // then
    await().untilAsserted(() -> assertThat(statusOf(run("end"))).isEqualTo("running"));
    assertThat(rows("SELECT * FROM runs")).hasSize(1);
  }

  @Test
  void whatCannotBeReadIsLeftOutAndTheRestGoesOn() {
    // given
    topics.append(Topics.RUNS, area.toString(), new byte[] {1, 2, 3}, new RecordHeaders(), now);
    Records.Run unreadableId = Records.run(owner, area, hook, "bad", now);
    var record = unreadableId.build();
    record.put("runId", "no uuid");
    topics.append(Topics.RUNS, area.toString(), record);

    // when
    write(run("end"));

    // then
    await().untilAsserted(() -> assertThat(statusOf(run("end"))).isEqualTo("running"));
    assertThat(rows("SELECT * FROM runs")).hasSize(1);
  }

  @Test
  void countsAreAddedOnceThoughTheReaderFailsAndStartsAgain() {
    // given
    String key = hook.toString();
    topics.append(
        Topics.HOOK_ACTIVITY, key, new HookActivity(key, now, 2L, 1L, Map.of("signature", 3L)));
    await().untilAsserted(() -> assertThat(rows("SELECT * FROM hook_activity")).hasSize(1));
    topics.fail(new KafkaException("the broker is away"));
    await().untilAsserted(() -> assertThat(projections.notReady()).isNotEmpty());
    topics.fail(null);
    projections.close();
    projections = start();

    // when
    topics.append(
        Topics.HOOK_ACTIVITY,
        key,
        new HookActivity(key, now.plusSeconds(1), 5L, 0L, Map.of("signature", 1L, "size", 1L)));

    // then
    await()
        .untilAsserted(
            () ->
                assertThat(rows("SELECT accepted, ignored FROM hook_activity"))
                    .containsExactly(Map.of("accepted", 7L, "ignored", 1L)));
    assertThat(rows("SELECT reason, refused FROM hook_refusals"))
        .containsExactlyInAnyOrder(
            Map.of("reason", "signature", "refused", 4L), Map.of("reason", "size", "refused", 1L));
  }

  @Test
  void theNewestWordOfAHooksPollsCountsUntilItIsForgotten() {
    // given
    UUID other = UUID.randomUUID();
    polls(hook, now, 1, "answered with \u0000 503", now.plusSeconds(60));
    polls(other, now, 0, null, null);
    await().untilAsserted(() -> assertThat(rows("SELECT * FROM hook_polls")).hasSize(2));

    // when
    polls(hook, now.plusSeconds(60), 2, "answered with \u0000 503", now.plusSeconds(180));
    polls(other, null, 0, null, null);

    // then
    await()
        .untilAsserted(
            () ->
                assertThat(
                        rows(
                            "SELECT hook_id, failures, last_failure,"
                                + " CAST(extract(epoch FROM next_poll_at - last_polled_at) AS int)"
                                + " AS wait FROM hook_polls"))
                    .containsExactly(
                        Map.of(
                            "hook_id",
                            hook,
                            "failures",
                            2,
                            "last_failure",
                            "answered with \uFFFD 503",
                            "wait",
                            120)));
  }

  @Test
  void whatAPollFoundLateIsKeptUntilAnotherIsFoundLater() {
    // given
    Instant late = now.minusSeconds(600);
    PollStatus found =
        PollStatus.newBuilder()
            .setHookId(hook.toString())
            .setLastPolledAt(now)
            .setLateItemAt(late)
            .build();
    topics.append(Topics.POLL_STATUS, hook.toString(), found);
    await().untilAsserted(() -> assertThat(rows("SELECT * FROM hook_polls")).hasSize(1));

    // when
    polls(hook, now.plusSeconds(60), 1, "answered with 503", null);

    // then
    await()
        .untilAsserted(
            () ->
                assertThat(
                        rows(
                            "SELECT failures, CAST(extract(epoch FROM last_polled_at - late_item_at)"
                                + " AS int) AS behind FROM hook_polls"))
                    .containsExactly(Map.of("failures", 1, "behind", 660)));
  }

  private void polls(
      UUID id,
      @Nullable Instant polled,
      int failures,
      @Nullable String failure,
      @Nullable Instant next) {
    topics.append(
        Topics.POLL_STATUS,
        id.toString(),
        new PollStatus(id.toString(), polled, failures, failure, next, null));
  }

  @Test
  void anOlderStatusNeverReplacesANewerOne() {
    // given
    status(3, "home-a", AreaState.REMOVED);
    status(3, "home-b", AreaState.APPLIED);

    // when
    status(2, "home-a", AreaState.APPLIED);
    status(4, "home-b", AreaState.REJECTED);

    // then
    await()
        .untilAsserted(
            () ->
                assertThat(rows("SELECT home, version, state FROM area_status ORDER BY home"))
                    .containsExactly(
                        Map.of("home", "home-a", "version", 3L, "state", "removed"),
                        Map.of("home", "home-b", "version", 4L, "state", "rejected")));
  }

  private void status(long version, String home, AreaState state) {
    topics.append(
        Topics.STATUS,
        area.toString(),
        new AreaStatus(
            area.toString(),
            version,
            home,
            state,
            state == AreaState.REJECTED ? "why" : null,
            now,
            null));
  }

  @Test
  void whatARuleRemembersIsTheNewestToldAndLeavesTheStatusAlone() {
    // given
    status(3, "home-a", AreaState.APPLIED);

    // when
    rule(1, null, now.plusSeconds(1));
    rule(2, "as many keys as it may", now.plusSeconds(2));

    // then
    await()
        .untilAsserted(
            () ->
                assertThat(rows("SELECT home, keys, dropped, problem FROM area_rules"))
                    .containsExactly(
                        Map.of(
                            "home",
                            "home-a",
                            "keys",
                            2L,
                            "dropped",
                            7L,
                            "problem",
                            "as many keys as it may")));
    assertThat(rows("SELECT home, version, state FROM area_status"))
        .containsExactly(Map.of("home", "home-a", "version", 3L, "state", "applied"));
  }

  private void rule(long keys, @Nullable String problem, Instant at) {
    RuleUsage.Builder usage = RuleUsage.newBuilder().setKeys(keys).setDropped(7).setSince(now);
    if (problem != null) {
      usage.setProblem(problem);
    }
    topics.append(
        Topics.STATUS,
        area + "/rule",
        AreaStatus.newBuilder()
            .setAreaId(area.toString())
            .setVersion(3)
            .setHome("home-a")
            .setAt(at)
            .setRule(usage.build())
            .build());
  }

  @Test
  void whereTheBrokerForgotWhatWasNotReadItGoesOnFromTheBeginning() {
    // given
    write(run("read"));
    await().untilAsserted(() -> assertThat(statusOf(run("read"))).isEqualTo("running"));
    projections.close();
    write(run("lost"));
    var kept = topics.append(Topics.RUNS, area.toString(), run("kept").build());
    topics.drop(Topics.RUNS, kept.partition(), kept.offset());

    // when
    projections = start();

    // then
    await().untilAsserted(() -> assertThat(statusOf(run("kept"))).isEqualTo("running"));
    assertThat(statusOf(run("lost"))).isEqualTo("absent");
  }

  @Test
  void oneInstanceProjectsAndAnotherTakesOver() {
    // given
    write(run("first"));
    await().untilAsserted(() -> assertThat(statusOf(run("first"))).isEqualTo("running"));
    Projections standby = start();
    await().untilAsserted(() -> assertThat(standby.notReady()).isEmpty());

    // when
    projections.close();
    projections = standby;
    write(run("second"));

    // then
    await().untilAsserted(() -> assertThat(statusOf(run("second"))).isEqualTo("running"));
  }

  @Test
  void runsOfDaysThatAreOverAreDroppedWithTheirPartition() {
    // given
    RunPartitions partitions = new RunPartitions(database, clock, Duration.ofDays(10));
    Instant old = now.minus(9, ChronoUnit.DAYS);
    write(Records.run(owner, area, hook, "old", old));
    await()
        .untilAsserted(
            () ->
                assertThat(statusOf(Records.run(owner, area, hook, "old", old)))
                    .isEqualTo("running"));
    write(run("new"));
    await().untilAsserted(() -> assertThat(statusOf(run("new"))).isEqualTo("running"));

    // when
    clock.advance(Duration.ofDays(3));
    partitions.dropOld();

    // then
    assertThat(rows("SELECT event_id FROM runs")).containsExactly(Map.of("event_id", "new"));
  }
}
