package dev.areaflow.api.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.topics.Records;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepRecord;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.schemas.runs.RunId;
import dev.areaflow.schemas.topics.CloudEvents;
import dev.areaflow.schemas.topics.Topics;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people ask of runs, and how it stands where change data capture takes it from. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RunRequestsTest {
  private static final String RUNS = "/api/v1/runs/";
  private static final String MANY = RUNS + "requests";

  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final AreaApi areas = new AreaApi().projected();

  private ContractClient user = areas.api().newUser();
  private UUID owner = UUID.randomUUID();
  private UUID area = UUID.randomUUID();
  private UUID hook = UUID.randomUUID();

  @BeforeEach
  void newArea() {
    user = areas.api().newUser();
    owner = UUID.fromString(user.get("/api/v1/users/me").field("id"));
    JsonNode made = user.post("/api/v1/areas", AreaApi.webhook("area", "none")).expect(201).body();
    area = UUID.fromString(made.path("id").asText());
    hook = UUID.fromString(made.at("/hook/id").asText());
  }

  @AfterAll
  void close() {
    areas.close();
  }

  private Records.Run run(String event, RunStatus status, Instant at) {
    Event delivered = Records.event(hook, event, "{\"n\":1}");
    ConsumerRecord<String, byte[]> place =
        areas
            .topics()
            .append(Topics.EVENTS, hook.toString(), delivered, CloudEvents.headers(delivered), at);
    return Records.run(owner, area, hook, event, at)
        .at(place.partition(), place.offset())
        .status(status);
  }

  private Records.Run kept(Records.Run run) {
    areas
        .topics()
        .append(Topics.RUNS, area.toString(), run.build(), new RecordHeaders(), run.startedAt());
    await().untilAsserted(() -> assertThat(user.get(RUNS + run.id()).status()).isEqualTo(200));
    return run;
  }

  private Records.Run kept(String event, RunStatus status) {
    return kept(run(event, status, now));
  }

  private static StepRecord step(String id, StepStatus status, ErrorClass errorClass) {
    return StepRecord.newBuilder()
        .setId(id)
        .setStatus(status)
        .setAttempts(1)
        .setErrorClass(errorClass)
        .setErrorMessage("why")
        .build();
  }

  private List<Map<String, Object>> requests() {
    return areas
        .api()
        .database()
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT home, kind, CAST(body AS text) AS body FROM requests"
                            + " WHERE owner_id = :owner ORDER BY id")
                    .bind("owner", owner)
                    .mapToMap()
                    .list());
  }

  private List<JsonNode> bodies() {
    return requests().stream().map(row -> Json.readStored((String) row.get("body"))).toList();
  }

  private String refusal(Records.Run run, String verb) {
    return user.post(RUNS + run.id() + "/" + verb).expect(409).field("detail");
  }

  @ParameterizedTest
  @CsvSource({"RUNNING, cancel", "QUEUED, cancel", "FAILED, retry", "CANCELLED, retry"})
  void whatIsAskedOfARunGoesToItsHome(RunStatus status, String verb) {
    // given
    UUID home = UUID.randomUUID();
    Records.Run run = kept(run("e", status, now).home(home));

    // when
    JsonNode answer = user.post(RUNS + run.id() + "/" + verb).expect(202).body();

    // then
    assertThat(answer.path("kind").asText()).isEqualTo(verb);
    assertThat(answer.path("runId").asText()).isEqualTo(run.id().toString());
    assertThat(requests())
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.get("home")).isEqualTo(home.toString());
              assertThat(row.get("kind")).isEqualTo(verb);
            });
    assertThat(bodies()).containsExactly(AreaApi.json("{\"runId\":\"" + run.id() + "\"}"));
  }

  @Test
  void aRunFromBeforeHasItsHookForAHome() {
    // given
    Records.Run run = kept("e", RunStatus.RUNNING);
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(handle -> handle.execute("UPDATE runs SET home = NULL"));

    // when
    user.post(RUNS + run.id() + "/cancel").expect(202);

    // then
    assertThat(requests()).extracting(row -> row.get("home")).containsExactly(hook.toString());
  }

  @Test
  void aReRunNamesTheEventAndItsNextGeneration() {
    // given
    Records.Run run = kept("e", RunStatus.SUCCEEDED);

    // when
    user.post(RUNS + run.id() + "/rerun").expect(202);
    user.post(RUNS + run.id() + "/rerun").expect(202);

    // then
    assertThat(requests()).extracting(row -> row.get("home")).containsOnly(hook.toString());
    assertThat(bodies().getFirst())
        .isEqualTo(
            AreaApi.json(
                """
                {"runId":"%s","areaId":"%s","hookId":"%s","partition":%d,"offset":%d,
                 "eventId":"e","generation":1}
                """
                    .formatted(run.id(), area, hook, run.partition(), run.offset())));
    assertThat(bodies().getLast().path("generation").asInt()).isEqualTo(2);
  }

  @Test
  void generationsCountOnFromRunsThatThereWere() {
    // given
    Records.Run run = kept("e", RunStatus.FAILED);
    kept(run("e", RunStatus.FAILED, now.plusMillis(5)).generation(4));

    // when
    user.post(RUNS + run.id() + "/rerun").expect(202);

    // then
    assertThat(bodies().getFirst().path("generation").asInt()).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({
    "SUCCEEDED, cancel, ended already: it is succeeded",
    "FAILED, cancel, it is failed",
    "RUNNING, retry, this one is running",
    "QUEUED, retry, this one is queued",
    "SUCCEEDED, retry, this one is succeeded"
  })
  void whatCannotBeDoneIsSaid(RunStatus status, String verb, String words) {
    // given
    Records.Run run = kept("e", status);

    // when
    String refusal = refusal(run, verb);

    // then
    assertThat(refusal).contains(words);
    assertThat(requests()).isEmpty();
  }

  @Test
  void aRunThatEndedLongAgoIsReRunInstead() {
    // given
    Records.Run run = kept(run("e", RunStatus.FAILED, now.minus(8, ChronoUnit.DAYS)));

    // when
    String refusal = refusal(run, "retry");

    // then
    assertThat(refusal).contains("7 days").contains("Re-run it");
    user.post(RUNS + run.id() + "/rerun").expect(202);
  }

  @Test
  void anEventThatIsNotKeptIsNotRunAgain() {
    // given
    Records.Run old = kept(run("old", RunStatus.FAILED, now.minus(31, ChronoUnit.DAYS)));
    Records.Run dropped = run("dropped", RunStatus.FAILED, now);
    kept(dropped.at(dropped.partition(), dropped.offset() + 1_000));
    Records.Run ofNone = kept(run("none", RunStatus.FAILED, now).at(0, -1));

    // when
    List<String> refusals =
        List.of(refusal(old, "rerun"), refusal(dropped, "rerun"), refusal(ofNone, "rerun"));

    // then
    assertThat(refusals.get(0)).contains("30 days");
    assertThat(refusals.get(1)).contains("not kept any more");
    assertThat(refusals.get(2)).contains("no event");
  }

  @Test
  void theAreaOfAReRunMustBeThereAndHearTheEvent() {
    // given
    Records.Run run = kept("e", RunStatus.FAILED);
    user.post("/api/v1/areas/" + area + "/disable").expect(200);
    String disabled = refusal(run, "rerun");
    user.post("/api/v1/areas/" + area + "/enable").expect(200);
    ObjectNode ruled = AreaApi.webhook("area", "none");
    ruled.putObject("rule").putObject("count").put("n", 2).put("within", "PT1H");
    var current = user.get("/api/v1/areas/" + area).expect(200);
    user.with("If-Match", current.header("ETag").orElseThrow())
        .send("PUT", "/api/v1/areas/" + area, Optional.of(ruled))
        .expect(200);
    String rule = refusal(run, "rerun");
    user.delete("/api/v1/areas/" + area).expect(204);

    // when
    String deleted = refusal(run, "rerun");

    // then
    assertThat(disabled).contains("disabled").contains("enable it");
    assertThat(rule).contains("rule").contains("collects");
    assertThat(deleted).contains("deleted");
  }

  @Test
  void aReRunThroughAnotherHookIsRefused() {
    // given
    Records.Run run = kept("e", RunStatus.FAILED);
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "UPDATE areas SET hook_id = (SELECT id FROM hooks WHERE id <> ? LIMIT 1)"
                        + " WHERE id = ?",
                    hook,
                    area));

    // when
    String refusal = refusal(run, "rerun");

    // then
    assertThat(refusal).contains("another hook");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cancel", "retry", "rerun"})
  void anothersRunIsNotThere(String verb) {
    // given
    Records.Run run = kept("e", verb.equals("cancel") ? RunStatus.RUNNING : RunStatus.FAILED);
    ContractClient other = areas.api().newUser();

    // when
    var answer = other.post(RUNS + run.id() + "/" + verb);

    // then
    answer.expect(404);
    other.post(MANY, Map.of("kind", verb, "filter", Map.of("areaId", area))).expect(202);
    assertThat(requests()).isEmpty();
    user.post(RUNS + "none/" + verb).expect(404);
  }

  @Test
  void aTokenThatOnlyReadsAsksForNothing() {
    // given
    Records.Run run = kept("e", RunStatus.RUNNING);
    ContractClient reader = areas.api().token(user, "runs:read", "areas:write");

    // when
    var answer = reader.post(RUNS + run.id() + "/cancel");

    // then
    answer.expect(403);
    reader.post(MANY, Map.of("kind", "cancel", "filter", Map.of())).expect(403);
  }

  @Test
  void theSameRequestWithTheSameKeyIsOne() {
    // given
    Records.Run run = kept("e", RunStatus.FAILED);
    ContractClient once = user.with("Idempotency-Key", UUID.randomUUID().toString());

    // when
    String first = once.post(RUNS + run.id() + "/rerun").expect(202).field("requestId");
    String second = once.post(RUNS + run.id() + "/rerun").expect(202).field("requestId");

    // then
    assertThat(second).isEqualTo(first);
    assertThat(requests()).hasSize(1);
  }

  @Test
  void manyAreSelectedByAllThatTheFilterSays() {
    // given
    StepRecord busy = step("notify", StepStatus.FAILED, ErrorClass.RETRYABLE);
    StepRecord wrong = step("log", StepStatus.FAILED, ErrorClass.PERMANENT);
    Records.Run first = kept(run("first", RunStatus.FAILED, now.minusSeconds(30)).steps(busy));
    Records.Run second = kept(run("second", RunStatus.FAILED, now.minusSeconds(20)).steps(wrong));
    Records.Run third = kept(run("third", RunStatus.CANCELLED, now.minusSeconds(10)));
    kept(run("running", RunStatus.RUNNING, now));

    // when
    List<Integer> requested = new ArrayList<>();
    for (Map<String, Object> filter :
        List.<Map<String, Object>>of(
            Map.of(),
            Map.of("areaId", area, "status", "failed"),
            Map.of("from", "" + now.minusSeconds(20), "to", "" + now.minusSeconds(10)),
            Map.of("errorClass", "retryable"),
            Map.of("errorClass", "retryable", "step", "log"),
            Map.of("step", "log"),
            Map.of("areaId", UUID.randomUUID()))) {
      requested.add(
          user.post(MANY, Map.of("kind", "retry", "filter", filter))
              .expect(202)
              .body()
              .path("requested")
              .asInt());
    }

    // then
    assertThat(requested).containsExactly(3, 2, 1, 1, 0, 1, 0);
    assertThat(bodies().subList(0, 3))
        .extracting(body -> body.path("runId").asText())
        .containsExactly(first.id().toString(), second.id().toString(), third.id().toString());
  }

  @Test
  void manyReRunsTakeEachEventOnce() {
    // given
    kept(run("twice", RunStatus.FAILED, now.minusSeconds(3)));
    kept(run("twice", RunStatus.FAILED, now.minusSeconds(2)).generation(1));
    kept(run("once", RunStatus.FAILED, now.minusSeconds(1)));
    kept(run("none", RunStatus.FAILED, now).at(0, -1));

    // when
    JsonNode answer =
        user.post(MANY, Map.of("kind", "rerun", "filter", Map.of("status", "failed")))
            .expect(202)
            .body();

    // then
    assertThat(answer.path("requested").asInt()).isEqualTo(2);
    assertThat(bodies())
        .extracting(body -> body.path("eventId").asText() + body.path("generation").asInt())
        .containsExactly("twice2", "once1");
  }

  @Test
  void manyReRunsLeaveOutAreasThatWouldNotHear() {
    // given
    kept("e", RunStatus.FAILED);
    user.post("/api/v1/areas/" + area + "/disable").expect(200);

    // when
    JsonNode answer =
        user.post(MANY, Map.of("kind", "rerun", "filter", Map.of())).expect(202).body();

    // then
    assertThat(answer.path("requested").asInt()).isZero();
    assertThat(answer.path("next").isNull()).isTrue();
  }

  @Test
  void moreThanOneRequestMayHoldGoOnWhereItEnded() {
    // given
    for (int i = 0; i < 5; i++) {
      kept(run("e" + i, RunStatus.RUNNING, now.minusSeconds(10 - i)));
    }
    RunRequests two = new RunRequests(areas.api().database(), areas.api().clock(), 2);
    RunSelection all =
        new RunSelection(
            Optional.of(area),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    // when
    List<Integer> asked = new ArrayList<>();
    Optional<RunId> next = Optional.empty();
    do {
      RunRequests.Asked answer = two.askAll(owner, RunRequestKind.CANCEL, all, next);
      asked.add(answer.runs());
      next = answer.next();
    } while (next.isPresent());

    // then
    assertThat(asked).containsExactly(2, 2, 1);
    assertThat(bodies()).doesNotHaveDuplicates().hasSize(5);
  }

  @Test
  void whoAsksForTooMuchIsAskedToWait() {
    // given
    Records.Run run = kept("e", RunStatus.RUNNING);
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "INSERT INTO requests (owner_id, home, kind, body, created_at)"
                        + " SELECT ?, '', 'cancel', '{}', now() FROM generate_series(1, ?)",
                    owner,
                    RunRequests.MOST_AN_HOUR));

    // when
    var answer = user.post(RUNS + run.id() + "/cancel");

    // then
    assertThat(answer.expect(429).header("Retry-After")).isPresent();
    user.post(MANY, Map.of("kind", "cancel", "filter", Map.of())).expect(429);
  }

  @Test
  void aRequestAboutManyNamesWhatIsWrongWithIt() {
    // when
    var none = user.post(MANY, Map.of());
    var wrong =
        user.post(
            MANY,
            Map.of(
                "kind",
                "stop",
                "filter",
                Map.of("areaId", "x", "status", "filtered", "errorClass", "bad"),
                "cursor",
                "x"));
    var unknown = user.post(MANY, Map.of("kind", "retry", "filter", Map.of("area", "x")));

    // then
    assertThat(none.expect(422).pointers()).containsExactly("/kind", "/filter");
    assertThat(wrong.expect(422).pointers())
        .containsExactly(
            "/kind", "/filter/areaId", "/filter/status", "/filter/errorClass", "/cursor");
    assertThat(unknown.expect(422).pointers()).containsExactly("/filter/area");
  }

  @ParameterizedTest
  @CsvSource({
    "FAILED, RETRYABLE, Retry the run",
    "FAILED, PERMANENT, re-run the run",
    "FAILED, REAUTHORIZE, Connect the account again",
    "UNKNOWN, UNCONFIRMED, whether it was done",
    "WAITING, REAUTHORIZE, goes on at once",
    "WAITING, RETRYABLE, made again"
  })
  void aFailureSaysWhatThereIsToDo(StepStatus status, ErrorClass errorClass, String words) {
    // given
    Records.Run run =
        kept(run("e", RunStatus.FAILED, now).steps(step("notify", status, errorClass)));

    // when
    JsonNode shown = user.get(RUNS + run.id()).expect(200).body();

    // then
    assertThat(shown.at("/steps/0/advice").asText()).contains(words);
    assertThat(user.get("/api/v1/runs").body().at("/items/0/steps/0/advice"))
        .isEqualTo(shown.at("/steps/0/advice"));
  }

  @Test
  void theConnectionToConnectAgainIsNamed() {
    // given
    UUID connection =
        areas
            .api()
            .database()
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .createQuery(
                            "INSERT INTO connections (owner_id, service, name, created_at,"
                                + " updated_at) VALUES (:owner, 'github', 'work', now(), now())"
                                + " RETURNING id")
                        .bind("owner", owner)
                        .mapTo(UUID.class)
                        .one());
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "UPDATE areas SET plan = CAST(? AS json) WHERE id = ?",
                    "{\"steps\":[{\"id\":\"notify\",\"connectionId\":\"" + connection + "\"}]}",
                    area));
    Records.Run run =
        kept(
            run("e", RunStatus.RUNNING, now)
                .steps(step("notify", StepStatus.WAITING, ErrorClass.REAUTHORIZE)));

    // when
    JsonNode shown = user.get(RUNS + run.id()).expect(200).body();

    // then
    assertThat(shown.at("/steps/0/advice").asText()).contains("Connect \"work\" again");
  }

  @Test
  void replaysAreNoEventsOfTheirOwn() {
    // given
    Records.Run first = kept(run("e", RunStatus.FAILED, now.minusSeconds(5)));
    Event replay =
        Event.newBuilder(Records.event(hook, "e", "{\"n\":1}"))
            .setGeneration(1)
            .setOnlyArea(area.toString())
            .build();
    ConsumerRecord<String, byte[]> place =
        areas
            .topics()
            .append(Topics.EVENTS, hook.toString(), replay, CloudEvents.headers(replay), now);
    kept(
        Records.run(owner, area, hook, "e", now)
            .at(place.partition(), place.offset())
            .generation(1));

    // when
    JsonNode shown = user.get("/api/v1/events/e").expect(200).body();

    // then
    assertThat(shown.path("generation").asInt()).isZero();
    assertThat(shown.path("matched").asInt()).isEqualTo(1);
    assertThat(shown.path("verdicts").findValuesAsText("generation")).containsExactly("0", "1");
    JsonNode events = user.get("/api/v1/events?hook=" + hook).expect(200).body().path("items");
    assertThat(events.findValuesAsText("id")).containsExactly("e");
    assertThat(user.get("/api/v1/runs").body().path("items").findValuesAsText("generation"))
        .containsExactly("1", "0");
    assertThat(user.get(RUNS + first.id()).body().at("/event/payload/n").asInt()).isEqualTo(1);
  }
}
