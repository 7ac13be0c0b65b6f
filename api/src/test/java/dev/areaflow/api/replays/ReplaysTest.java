package dev.areaflow.api.replays;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.topics.Records;
import dev.areaflow.schemas.avro.ReplayProgress;
import dev.areaflow.schemas.avro.ReplayStatus;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepRecord;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.Selection;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.schemas.topics.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Replays: what is asked, how it stands where change data capture takes it from, what is told. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReplaysTest {
  private static final String REPLAYS = "/api/v1/replays";

  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final AreaApi areas = new AreaApi().projected();

  private ContractClient user = areas.api().newUser();
  private UUID owner = UUID.randomUUID();
  private String area = "";
  private UUID hook = UUID.randomUUID();

  @BeforeEach
  void newArea() {
    user = areas.api().newUser();
    owner = UUID.fromString(user.get("/api/v1/users/me").field("id"));
    make(AreaApi.webhook("area", "none"));
  }

  @AfterAll
  void close() {
    areas.close();
  }

  private void make(ObjectNode definition) {
    JsonNode made = user.post("/api/v1/areas", definition).expect(201).body();
    area = made.path("id").asText();
    hook = UUID.fromString(made.at("/hook/id").asText());
  }

  private Map<String, Object> live(Map<String, Object> more) {
    Map<String, Object> body = new HashMap<>(more);
    body.put("mode", "live");
    if (!body.containsKey("eventIds")) {
      body.putIfAbsent("from", now.minusSeconds(3_600).toString());
      body.putIfAbsent("to", now.minusSeconds(60).toString());
    }
    return body;
  }

  private Exchange ask(Map<String, Object> body) {
    return user.post("/api/v1/areas/" + area + "/replay", body);
  }

  private JsonNode asked(Map<String, Object> more) {
    return ask(live(more)).expect(202).body();
  }

  private List<JsonNode> requests(String kind) {
    return areas
        .api()
        .database()
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT CAST(jsonb_set(body, '{home}', to_jsonb(home)) AS text) FROM"
                            + " requests WHERE owner_id = :owner AND kind = :kind ORDER BY id")
                    .bind("owner", owner)
                    .bind("kind", kind)
                    .mapTo(String.class)
                    .list())
        .stream()
        .map(Json::readStored)
        .toList();
  }

  /** The worker tells how a replay stands. */
  private JsonNode told(JsonNode replay, ReplayStatus status) {
    String id = replay.path("id").asText();
    areas
        .topics()
        .append(
            Topics.REPLAY_PROGRESS,
            id,
            ReplayProgress.newBuilder()
                .setReplayId(id)
                .setStatus(status)
                .setBegin(100)
                .setNext(130)
                .setEnd(200)
                .setSent(7)
                .setSkipped(2)
                .setError(status == ReplayStatus.FAILED ? "why" : null)
                .setAt(now)
                .build());
    await()
        .untilAsserted(
            () ->
                assertThat(user.get(REPLAYS + "/" + id).field("status"))
                    .isEqualToIgnoringCase(status.name()));
    return user.get(REPLAYS + "/" + id).expect(200).body();
  }

  private String refusal(Map<String, Object> more) {
    return ask(live(more)).expect(409).field("detail");
  }

  @Test
  void aReplayGoesToTheHomeWithAllThatItsWorkerNeeds() {
    // when
    JsonNode replay = asked(Map.of("when", "event.n == 1", "force", true, "perSecond", 3));

    // then
    assertThat(replay.path("status").asText()).isEqualTo("queued");
    assertThat(replay.path("generation").asInt()).isEqualTo(1);
    assertThat(replay.path("of").isNull()).isTrue();
    JsonNode task = requests("replay").getFirst();
    assertThat(task)
        .isEqualTo(
            AreaApi.json(
                """
                {"home":"%s","replayId":"%s","areaId":"%s","hookId":"%s","generation":1,
                 "from":"%s","to":"%s","eventIds":[],"when":"event.n == 1","force":true,
                 "perSecond":3}
                """
                    .formatted(
                        hook,
                        replay.path("id").asText(),
                        area,
                        hook,
                        replay.path("from").asText(),
                        replay.path("to").asText())));
    assertThat(Instant.parse(task.path("from").asText())).isEqualTo(now.minusSeconds(3_600));
  }

  @Test
  void howFarItIsIsShown() {
    // given
    JsonNode replay = asked(Map.of());

    // when
    JsonNode running = told(replay, ReplayStatus.RUNNING);
    JsonNode failed = told(replay, ReplayStatus.FAILED);

    // then
    assertThat(running.path("read").asInt()).isEqualTo(30);
    assertThat(running.path("of").asInt()).isEqualTo(100);
    assertThat(running.path("sent").asInt()).isEqualTo(7);
    assertThat(running.path("skipped").asInt()).isEqualTo(2);
    assertThat(running.path("finishedAt").isNull()).isTrue();
    assertThat(failed.path("error").asText()).isEqualTo("why");
    assertThat(failed.path("finishedAt").asText()).isEqualTo(now.toString());
  }

  @Test
  void replaysAreListedNewestFirstAndPaged() {
    // given
    String first = told(asked(Map.of()), ReplayStatus.FINISHED).path("id").asText();
    String second = told(asked(Map.of()), ReplayStatus.FINISHED).path("id").asText();

    // when
    JsonNode page = user.get(REPLAYS + "?limit=1&area=" + area).expect(200).body();
    JsonNode rest =
        user.get(REPLAYS + "?limit=1&cursor=" + page.path("next").asText()).expect(200).body();

    // then
    assertThat(page.at("/items/0/id").asText()).isEqualTo(second);
    assertThat(rest.at("/items/0/id").asText()).isEqualTo(first);
    assertThat(rest.path("next").isNull()).isTrue();
    assertThat(user.get(REPLAYS + "?area=" + UUID.randomUUID()).expect(200).body().path("items"))
        .isEmpty();
  }

  @Test
  void eachReplayOfAnAreaHasAGenerationThatNothingElseHas() {
    // given
    rerun();
    rerun();
    JsonNode first = told(asked(Map.of()), ReplayStatus.FINISHED);

    // when
    rerun();
    JsonNode second = asked(Map.of());

    // then
    assertThat(first.path("generation").asInt()).isEqualTo(3);
    assertThat(second.path("generation").asInt()).isEqualTo(5);
  }

  private void rerun() {
    Records.Run run = Records.run(owner, UUID.fromString(area), hook, "e", now);
    var event = Records.event(hook, "e", "{}");
    var place =
        areas.topics().append(Topics.EVENTS, hook.toString(), event, new RecordHeaders(), now);
    write(run.at(place.partition(), place.offset()).status(RunStatus.FAILED).build());
    await().untilAsserted(() -> user.post("/api/v1/runs/" + run.id() + "/rerun").expect(202));
  }

  private void write(RunRecord run) {
    areas.topics().append(Topics.RUNS, area, run, new RecordHeaders(), now);
  }

  @Test
  void ofEventsThatTheRunLogKnowsOnlyTheirTimeIsRead() {
    // given
    Instant at = now.minus(3, ChronoUnit.DAYS);
    Records.Run run = Records.run(owner, UUID.fromString(area), hook, "known", at);
    write(run.build());
    await()
        .untilAsserted(
            () -> assertThat(user.get("/api/v1/runs/" + run.id()).status()).isEqualTo(200));

    // when
    JsonNode known = asked(Map.of("eventIds", List.of("known")));
    JsonNode unknown = asked(Map.of("eventIds", List.of("known", "unknown")));

    // then
    assertThat(Instant.parse(known.path("from").asText())).isAfter(at.minusSeconds(7_200));
    assertThat(Instant.parse(known.path("to").asText())).isEqualTo(at.plusMillis(1));
    assertThat(Instant.parse(unknown.path("from").asText()))
        .isBefore(now.minus(29, ChronoUnit.DAYS));
    assertThat(unknown.path("eventIds")).hasSize(2);
  }

  @Test
  void twoOfAUserGoOnAtATime() {
    // given
    JsonNode first = asked(Map.of());
    JsonNode second = asked(Map.of());

    // when
    String third = refusal(Map.of());

    // then
    assertThat(third).contains("2 of your replays").contains("cancel one");
    told(first, ReplayStatus.CANCELLED);
    asked(Map.of());
    told(second, ReplayStatus.RUNNING);
    assertThat(resume(first).expect(409).field("detail")).contains("2 of your replays");
  }

  private Exchange cancel(JsonNode replay) {
    return user.post(REPLAYS + "/" + replay.path("id").asText() + "/cancel");
  }

  private Exchange resume(JsonNode replay) {
    return user.post(REPLAYS + "/" + replay.path("id").asText() + "/resume");
  }

  @Test
  void aReplayIsCancelledAndGoesOn() {
    // given
    JsonNode replay = asked(Map.of("when", "event.n == 1"));
    assertThat(resume(replay).expect(409).field("detail")).contains("it is queued");
    cancel(replay).expect(202);
    told(replay, ReplayStatus.CANCELLED);
    assertThat(cancel(replay).expect(409).field("detail")).contains("it is cancelled");

    // when
    JsonNode resumed = resume(replay).expect(202).body();

    // then
    assertThat(resumed.path("status").asText()).isEqualTo("queued");
    assertThat(requests("replay-cancel").getFirst().path("replayId")).isEqualTo(replay.path("id"));
    assertThat(requests("replay-resume")).isEqualTo(requests("replay"));
    told(replay, ReplayStatus.FINISHED);
    assertThat(resume(replay).expect(409).field("detail")).contains("another replay");
  }

  @Test
  void whatTheAreaCannotDecideOnIsRefused() {
    // given
    JsonNode cancelled = told(asked(Map.of()), ReplayStatus.CANCELLED);
    String path = "/api/v1/areas/" + area;
    user.post(path + "/disable").expect(200);
    String disabled = refusal(Map.of());
    user.post(path + "/enable").expect(200);
    change(ruled("area", 2));
    String rule = resume(cancelled).expect(409).field("detail");
    user.delete(path).expect(204);

    // when
    Exchange deleted = ask(live(Map.of()));

    // then
    deleted.expect(404);
    assertThat(disabled).contains("enable it");
    assertThat(rule).contains("another rule").contains("another replay");
  }

  private static ObjectNode ruled(String name, int n) {
    ObjectNode ruled = AreaApi.webhook(name, "none");
    ruled.putObject("rule").putObject("count").put("n", n).put("within", "PT1H");
    return ruled;
  }

  @Test
  void ofARuleTheReplayHasWhatFindsItsFiringsAgain() {
    // given
    ObjectNode definition = ruled("ruled", 2);
    definition.put("when", "event.n > 1").put("concurrency", "serial");
    definition.withObject("/rule").put("by", "event.who");
    make(definition);

    // when
    JsonNode replay = asked(Map.of());

    // then
    JsonNode task = requests("replay").getFirst();
    Plan plan = Plan.parse(task.path("plan").asText());
    assertThat(plan.condition()).isEqualTo("event.n > 1");
    assertThat(plan.rule()).isEqualTo(new RulePlan.Count(2, Duration.ofHours(1)));
    assertThat(plan.by()).isEqualTo("event.who");
    assertThat(plan.all()).isEmpty();
    assertThat(Instant.parse(task.path("rulesFrom").asText())).isEqualTo(now.minusSeconds(7_200));
    assertThat(task.path("listens").isNull()).isTrue();
    assertThat(task.path("serial").asBoolean()).isTrue();
    assertThat(task.path("home").asText()).isEqualTo(hook.toString());
    told(replay, ReplayStatus.CANCELLED);
    resume(replay).expect(202);
    assertThat(requests("replay-resume")).isEqualTo(requests("replay"));
  }

  @Test
  void ofARuleEventsAreSoughtInAllTheTime() {
    // given
    make(ruled("ruled", 2));
    Records.Run run = Records.run(owner, UUID.fromString(area), hook, "known", now);
    write(run.build());
    await()
        .untilAsserted(
            () -> assertThat(user.get("/api/v1/runs/" + run.id()).status()).isEqualTo(200));

    // when
    JsonNode replay = asked(Map.of("eventIds", List.of("known")));

    // then
    assertThat(Instant.parse(replay.path("from").asText()))
        .isBefore(now.minus(29, ChronoUnit.DAYS));
  }

  @Test
  void ofSeveralActionsTheReplayGoesToTheHomeOfTheArea() {
    // given
    ObjectNode definition = AreaApi.webhook("several", "none");
    definition.remove("action");
    definition.set(
        "actions",
        AreaApi.tree(
            """
            [{"id": "one", "service": "webhook", "action": "received",
              "inputs": {"verification": "none"}},
             {"id": "two", "service": "timer", "action": "interval", "inputs": {"every": "PT1H"}}]
            """));
    area = user.post("/api/v1/areas", definition).expect(201).field("id");

    // when
    JsonNode replay = asked(Map.of());

    // then
    JsonNode task = requests("replay").getFirst();
    assertThat(task.path("home").asText()).isEqualTo(area);
    assertThat(AreaApi.tree(task.path("listens").asText()).findValuesAsText("of"))
        .containsExactly("one", "two");
    assertThat(Plan.parse(task.path("plan").asText()).rule()).isNull();
    assertThat(task.path("rulesFrom").isNull()).isTrue();
    cancel(replay).expect(202);
    assertThat(requests("replay-cancel").getFirst().path("home").asText()).isEqualTo(area);
  }

  private void change(ObjectNode definition) {
    String path = "/api/v1/areas/" + area;
    String version = user.get(path).expect(200).header("ETag").orElseThrow();
    user.with("If-Match", version).send("PUT", path, Optional.of(definition)).expect(200);
  }

  @Test
  void aDryRunTellsWhatAReplayOfTheSameEventsWouldDo() throws Exception {
    // given
    Instant from = now.minusSeconds(60);

    // when
    Exchange answer =
        ask(
            Map.of(
                "from",
                from.toString(),
                "to",
                now.minusSeconds(5).toString(),
                "when",
                "event.n == 1"));
    Backtest asked = areas.backtester().begun();

    // then
    assertThat(answer.expect(200).header("Content-Type")).contains("application/x-ndjson");
    assertThat(answer.lines())
        .extracting(line -> line.path("type").asText())
        .containsExactly("progress", "firing", "problem", "summary");
    assertThat(answer.lines().get(1).path("skipped"))
        .isEqualTo(AreaApi.json("{\"mail\":\"not safe\"}"));
    assertThat(asked.area().id()).isEqualTo(area);
    assertThat(asked.area().hookId()).isEqualTo(hook.toString());
    assertThat(asked.from()).isEqualTo(from);
    assertThat(asked.to()).isEqualTo(now.minusSeconds(5));
    assertThat(asked.selection()).isEqualTo(new Selection(List.of(), "event.n == 1"));
    assertThat(asked.manner()).isEqualTo(Backtest.Manner.REPLAY);
    assertThat(requests("replay")).isEmpty();
    assertThat(user.get("/api/v1/audit?kind=area.replay").expect(200).body().path("items"))
        .isEmpty();
  }

  @Test
  void aDryRunTakesOfEventsThatTheRunLogKnowsOnlyTheirTime() throws Exception {
    // given
    Instant at = now.minus(3, ChronoUnit.DAYS);
    Records.Run run = Records.run(owner, UUID.fromString(area), hook, "told", at);
    write(run.build());
    await()
        .untilAsserted(
            () -> assertThat(user.get("/api/v1/runs/" + run.id()).status()).isEqualTo(200));

    // when
    Exchange answer =
        user.with("Accept", "text/event-stream")
            .post(
                "/api/v1/areas/" + area + "/replay",
                Map.of("eventIds", List.of("told"), "mode", "dryRun", "force", true));
    Backtest asked = areas.backtester().begun();

    // then
    assertThat(answer.expect(200).text()).startsWith("event: progress\ndata: ");
    assertThat(asked.selection()).isEqualTo(new Selection(List.of("told"), null));
    assertThat(asked.manner()).isEqualTo(Backtest.Manner.FORCED_REPLAY);
    assertThat(asked.from()).isAfter(at.minusSeconds(7_200));
    assertThat(asked.to()).isEqualTo(at.plusMillis(1));
  }

  @Test
  void aDryRunIsKeptForNoKey() throws Exception {
    // given
    ContractClient keyed = user.with("Idempotency-Key", UUID.randomUUID().toString());
    String path = "/api/v1/areas/" + area + "/replay";
    Map<String, Object> body = Map.of("from", now.minusSeconds(60).toString());

    // when
    Exchange first = keyed.post(path, body).expect(200);
    Exchange second = keyed.post(path, body).expect(200);

    // then
    assertThat(second.lines()).isEqualTo(first.lines()).hasSize(4);
    areas.backtester().begun();
    areas.backtester().begun();
    keyed.post(path, live(Map.of())).expect(202);
    keyed.post(path, body).expect(422);
  }

  @Test
  void aDryRunNeedsTheScopeOfEventsSinceItShowsWhatIsInThem() {
    // given
    ContractClient narrow = areas.api().token(user, "runs:write");
    String path = "/api/v1/areas/" + area + "/replay";

    // when
    Exchange refused = narrow.post(path, Map.of("from", now.minusSeconds(60).toString()));

    // then
    assertThat(refused.expect(403).header("WWW-Authenticate"))
        .hasValueSatisfying(challenge -> assertThat(challenge).contains("events:read"));
    narrow.post(path, live(Map.of())).expect(202);
  }

  @Test
  void aDryRunNeedsNothingOfWhatAReplayDoes() throws Exception {
    // given
    asked(Map.of());
    asked(Map.of());
    ObjectNode ruled = AreaApi.webhook("area", "none");
    ruled.putObject("rule").putObject("count").put("n", 2).put("within", "PT1H");
    change(ruled);
    user.post("/api/v1/areas/" + area + "/disable").expect(200);

    // when
    ask(Map.of("from", now.minusSeconds(60).toString())).expect(200);
    Backtest asked = areas.backtester().begun();

    // then
    assertThat(asked.area().enabled()).isTrue();
    assertThat(asked.begin()).isEqualTo(asked.from().minus(Duration.ofHours(1)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'mode':'live'} | /from",
        "{'from':'2020-01-01T00:00:00Z','eventIds':['e']} | /eventIds",
        "{'to':'NOW'} | /from",
        "{'from':'2020-01-01T00:00:00Z'} | /from",
        "{'from':'NOW','to':'2999-01-01T00:00:00Z'} | /to",
        "{'from':'NOW','to':'NOW'} | /to",
        "{'eventIds':[]} | /eventIds",
        "{'eventIds':['a','','a',null]} | /eventIds/1",
        "{'from':'NOW','mode':'dry'} | /mode",
        "{'from':'NOW','perSecond':0} | /perSecond",
        "{'from':'NOW','perSecond':101} | /perSecond",
        "{'from':'NOW','when':'event.'} | /when",
        "{'from':'NOW','x':1} | /x",
        "{'from':'soon'} | /from"
      })
  void whatIsWrongIsNamed(String body, String pointer) {
    // given
    String json = body.replace('\'', '"').replace("NOW", now.minusSeconds(5).toString());

    // when
    Exchange answer = user.post("/api/v1/areas/" + area + "/replay", json);

    // then
    assertThat(answer.expect(422).pointers()).contains(pointer);
  }

  @Test
  void aConditionIsHeldAgainstTheTypeOfTheEvent() {
    // given
    make(AreaApi.bugTriage("typed"));

    // when
    Exchange misspelt = ask(live(Map.of("when", "event.isue.number == 1")));

    // then
    assertThat(misspelt.expect(422).pointers()).containsExactly("/when");
    asked(Map.of("when", "event.issue.number == 1"));
  }

  @Test
  void anothersAreaAndReplayAreNotThere() {
    // given
    JsonNode replay = asked(Map.of());
    String path = REPLAYS + "/" + replay.path("id").asText();
    ContractClient other = areas.api().newUser();

    // then
    other.post("/api/v1/areas/" + area + "/replay", live(Map.of())).expect(404);
    other
        .post("/api/v1/areas/" + area + "/replay", Map.of("from", now.minusSeconds(9).toString()))
        .expect(404);
    other.get(path).expect(404);
    other.post(path + "/cancel").expect(404);
    other.post(path + "/resume").expect(404);
    assertThat(other.get(REPLAYS).expect(200).body().path("items")).isEmpty();
  }

  @Test
  void theSameRequestWithTheSameKeyIsOne() {
    // given
    ContractClient once = user.with("Idempotency-Key", UUID.randomUUID().toString());
    String path = "/api/v1/areas/" + area + "/replay";
    Map<String, Object> body = live(Map.of());

    // when
    String first = once.post(path, body).expect(202).field("id");
    String second = once.post(path, body).expect(202).field("id");

    // then
    assertThat(second).isEqualTo(first);
    assertThat(requests("replay")).hasSize(1);
  }

  @Test
  void aRunShowsItsReplayAndWhyAStepWasLeftOut() {
    // given
    String replay = asked(Map.of()).path("id").asText();
    String other = asked(Map.of()).path("id").asText();
    Records.Run run =
        Records.run(owner, UUID.fromString(area), hook, "replayed", now)
            .status(RunStatus.SUCCEEDED)
            .steps(
                StepRecord.newBuilder()
                    .setId("post")
                    .setStatus(StepStatus.SKIPPED)
                    .setReason("why")
                    .build());

    // when
    write(RunRecord.newBuilder(run.build()).setReplayId(replay).build());

    // then
    await()
        .untilAsserted(
            () -> assertThat(user.get("/api/v1/runs/" + run.id()).status()).isEqualTo(200));
    JsonNode shown = user.get("/api/v1/runs/" + run.id()).expect(200).body();
    assertThat(shown.path("replayId").asText()).isEqualTo(replay);
    assertThat(user.get("/api/v1/runs?replay=" + replay).expect(200).body().path("items"))
        .hasSize(1);
    assertThat(user.get("/api/v1/runs?replay=" + other).expect(200).body().path("items")).isEmpty();
    assertThat(shown.at("/steps/0/reason").asText()).isEqualTo("why");
  }
}
