package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.client.AreaClient;
import dev.areaflow.launcher.client.GithubSignature;
import dev.areaflow.schemas.topics.Topics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AREAs of several steps and of several actions, on the whole platform, through HTTP only. */
class StepsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private static Path folder;
  private static RecordingSink sink;
  private static ProgramProcess program;

  @BeforeAll
  static void startEverything() throws IOException {
    sink = new RecordingSink();
    program = ProgramProcess.start(folder, "--egress-allow", sink.authority());
  }

  @AfterAll
  static void stopEverything() {
    program.close();
    sink.close();
  }

  @Test
  void theSecondStepSeesTheAnswerOfTheFirstWhichWasTriedTwice() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area =
        Areas.createLive(
            owner,
            definition(
                """
                {"name": "Triage",
                 "action": {"service": "webhook", "action": "received", "inputs": {}},
                 "reactions": [
                   {"id": "ask", "service": "http", "reaction": "request",
                    "retry": {"attempts": 3, "backoff": "PT1S"},
                    "inputs": {"method": "POST", "url": "SINK/ask", "body": "${event.text}"}},
                   {"id": "route", "choose": [
                     {"when": "steps.ask.output.body.level == 'high'", "reactions": [
                       {"id": "page", "service": "http", "reaction": "request", "delay": "PT2S",
                        "inputs": {"method": "POST", "url": "SINK/page",
                                   "body": "${steps.ask.output.body.level}"}}]},
                     {"reactions": [
                       {"id": "mail", "service": "http", "reaction": "request",
                        "inputs": {"method": "POST", "url": "SINK/mail"}}]}]},
                   {"id": "close", "service": "http", "reaction": "request",
                    "when": "steps.page.status == 'succeeded'",
                    "inputs": {"method": "POST", "url": "SINK/close",
                               "body": {"status": "${steps.page.output.status}"}}}]}
                """));
    sink.replyWith(
        new RecordingSink.Reply(503, "{}", Optional.empty()),
        new RecordingSink.Reply(200, "{\"level\": \"high\"}", Optional.empty()));

    // when
    Areas.deliver(owner, area, "{\"text\": \"it burns\"}");

    // then
    JsonNode run = Areas.awaitRun(owner, area, "succeeded", PATIENCE);
    assertThat(statuses(run))
        .containsExactly(
            Map.entry("ask", "succeeded"),
            Map.entry("route", "succeeded"),
            Map.entry("page", "succeeded"),
            Map.entry("mail", "skipped"),
            Map.entry("close", "succeeded"));
    assertThat(step(run, "ask").path("attempts").asInt()).isEqualTo(2);
    List<RecordingSink.Call> asked = sink.awaitCalls("/ask", 2, PATIENCE);
    RecordingSink.Call page = sink.awaitCalls("/page", 1, PATIENCE).getFirst();
    assertThat(page.body()).isEqualTo("\"high\"");
    assertThat(Duration.between(asked.getLast().at(), page.at()))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(2));
    assertThat(sink.awaitCalls("/close", 1, PATIENCE).getFirst().body())
        .isEqualTo("{\"status\":200}");
    assertThat(sink.calls()).noneMatch(call -> call.path().equals("/mail"));
  }

  @Test
  void aStepIsRepeatedForEachItemOfTheEvent() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area =
        Areas.createLive(
            owner,
            definition(
                """
                {"name": "For each",
                 "action": {"service": "webhook", "action": "received", "inputs": {}},
                 "reactions": [
                   {"id": "each", "service": "http", "reaction": "request",
                    "forEach": {"in": "event.items", "concurrency": 3},
                    "inputs": {"method": "POST", "url": "SINK/item",
                               "body": {"item": "${item}", "index": "${index}"}}},
                   {"id": "sum", "service": "http", "reaction": "request",
                    "inputs": {"method": "POST", "url": "SINK/sum",
                               "body": "${steps.each.output.map(o, o.status)}"}}]}
                """));

    // when
    Areas.deliver(owner, area, "{\"items\": [\"a\", \"b\", \"c\", \"d\", \"e\"]}");

    // then
    JsonNode run = Areas.awaitRun(owner, area, "succeeded", PATIENCE);
    assertThat(step(run, "each").path("items").path("succeeded").asInt()).isEqualTo(5);
    List<RecordingSink.Call> calls = sink.awaitCalls("/item", 5, PATIENCE);
    assertThat(calls).extracting(RecordingSink.Call::key).doesNotHaveDuplicates();
    assertThat(calls)
        .extracting(RecordingSink.Call::body)
        .contains("{\"item\":\"a\",\"index\":0}", "{\"item\":\"e\",\"index\":4}");
    assertThat(sink.awaitCalls("/sum", 1, PATIENCE).getFirst().body())
        .isEqualTo("[200,200,200,200,200]");
  }

  @Test
  void aFailedRunTellsItsOwnerAndIsRetriedFromWhereItFailed() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area =
        Areas.createLive(
            owner,
            definition(
                """
                {"name": "Telling",
                 "action": {"service": "webhook", "action": "received", "inputs": {}},
                 "reactions": [
                   {"id": "first", "service": "http", "reaction": "request",
                    "inputs": {"method": "POST", "url": "SINK/first"}},
                   {"id": "second", "service": "http", "reaction": "request",
                    "inputs": {"method": "POST", "url": "SINK/second",
                               "body": "${steps.first.output.status}"}}],
                 "onError": [
                   {"id": "tell", "service": "http", "reaction": "request",
                    "inputs": {"method": "POST", "url": "SINK/told",
                               "body": "${error.step} ${error.class} ${error.status}"}}]}
                """));
    sink.replyWith(
        new RecordingSink.Reply(200, "{}", Optional.empty()),
        new RecordingSink.Reply(400, "{\"error\": \"no\"}", Optional.empty()));

    // when
    Areas.deliver(owner, area, "{}");

    // then
    JsonNode failed = Areas.awaitRun(owner, area, "failed", PATIENCE);
    assertThat(sink.awaitCalls("/told", 1, PATIENCE).getFirst().body())
        .isEqualTo("\"second permanent 400\"");

    // when
    owner
        .post(
            "/api/v1/runs/" + failed.path("id").asText() + "/retry",
            JsonNodeFactory.instance.objectNode())
        .expecting(202);

    // then
    JsonNode run = Areas.awaitRun(owner, area, "succeeded", PATIENCE);
    assertThat(run.path("id")).isEqualTo(failed.path("id"));
    assertThat(sink.awaitCalls("/second", 2, PATIENCE)).hasSize(2);
    assertThat(sink.awaitCalls("/first", 1, PATIENCE)).hasSize(1);

    // when
    owner
        .post(
            "/api/v1/runs/" + failed.path("id").asText() + "/rerun",
            JsonNodeFactory.instance.objectNode())
        .expecting(202);

    // then
    sink.awaitCalls("/first", 2, PATIENCE);
    JsonNode again =
        owner
            .await(
                "/api/v1/runs?area=" + area.path("id").asText(),
                PATIENCE,
                answer ->
                    answer.body().path("items").size() == 2
                        && answer.body().path("items").findValuesAsText("status").stream()
                                .filter("succeeded"::equals)
                                .count()
                            >= 2)
            .body();
    assertThat(again.path("items").findValuesAsText("generation")).contains("0", "1");
  }

  @Test
  void pastEventsAreReplayedAndWhatIsNotSafeToRepeatOnlyWhenForced() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area =
        Areas.createLive(
            owner,
            definition(
                """
                {"name": "Replayed",
                 "action": {"service": "webhook", "action": "received", "inputs": {}},
                 "reactions": [
                   {"id": "post", "service": "http", "reaction": "request",
                    "inputs": {"method": "POST", "url": "SINK/past", "body": "${event.n}"}}]}
                """));
    for (int n = 1; n <= 3; n++) {
      Areas.deliver(owner, area, "{\"n\": " + n + "}");
    }
    sink.awaitCalls("/past", 3, PATIENCE);

    // when
    JsonNode careful = replayed(owner, area, "{}");
    JsonNode forced = replayed(owner, area, "{\"force\": true, \"when\": \"event.n != 2\"}");

    // then
    assertThat(careful.path("sent").asInt()).isEqualTo(3);
    assertThat(forced.path("sent").asInt()).isEqualTo(2);
    assertThat(forced.path("skipped").asInt()).isEqualTo(1);
    assertThat(sink.awaitCalls("/past", 5, PATIENCE))
        .extracting(RecordingSink.Call::body)
        .containsExactlyInAnyOrder("1", "2", "3", "1", "3");
    JsonNode runs =
        owner
            .await(
                "/api/v1/runs?status=succeeded&area=" + area.path("id").asText(),
                PATIENCE,
                answer -> answer.body().path("items").size() == 8)
            .body()
            .path("items");
    for (JsonNode run : runs) {
      boolean isCareful = run.path("replayId").equals(careful.path("id"));
      assertThat(step(run, "post").path("status").asText())
          .isEqualTo(isCareful ? "skipped" : "succeeded");
      assertThat(step(run, "post").path("reason").asText().contains("Force the replay"))
          .isEqualTo(isCareful);
    }
    assertThat(runs.findValuesAsText("generation"))
        .containsExactlyInAnyOrder("0", "0", "0", "1", "1", "1", "2", "2");
  }

  @Test
  void aReplayOfARuleMakesItsRunsOnceThoughThePlatformIsKilledAndLeavesItsMemory()
      throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area =
        Areas.createLive(
            owner,
            definition(
                """
                {"name": "Threes",
                 "action": {"service": "webhook", "action": "received", "inputs": {}},
                 "rule": {"count": {"n": 3, "within": "PT1H"}},
                 "concurrency": "serial",
                 "reactions": [
                   {"id": "post", "service": "http", "reaction": "request",
                    "inputs": {"method": "POST", "url": "SINK/three",
                               "body": "${events.map(e, e.payload.n)}"}}]}
                """));
    Instant from = Instant.now().minusSeconds(60);
    for (int n = 1; n <= 9; n++) {
      Areas.deliver(owner, area, "{\"n\": " + n + "}");
    }
    sink.awaitCalls("/three", 3, PATIENCE);
    Instant to = Instant.now();
    Areas.deliver(owner, area, "{\"n\": 10}");
    Areas.deliver(owner, area, "{\"n\": 11}");
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("force", true).put("perSecond", 1);
    body.put("from", from.toString()).put("to", to.toString());
    String replay = asked(owner, area, body);
    sink.awaitCalls("/three", 4, PATIENCE);

    // when
    program.kill();
    program.startAgain();
    program.awaitReady();

    // then
    JsonNode told = finished(owner, replay);
    assertThat(told.path("sent").asInt()).isEqualTo(3);
    JsonNode runs =
        owner
            .await(
                "/api/v1/runs?status=succeeded&replay=" + replay,
                PATIENCE,
                answer -> answer.body().path("items").size() == 3)
            .body()
            .path("items");
    assertThat(runs.findValuesAsText("generation")).containsExactly("1", "1", "1");
    assertThat(runs).allSatisfy(run -> assertThat(run.path("events")).hasSize(3));
    assertThat(onceEach(sink.awaitCalls("/three", 6, PATIENCE)))
        .containsExactly("[1,2,3]", "[4,5,6]", "[7,8,9]", "[1,2,3]", "[4,5,6]", "[7,8,9]");

    // and when
    Areas.deliver(owner, area, "{\"n\": 12}");

    // then
    Await.until(
        "the rule goes on with what it kept",
        PATIENCE,
        () -> onceEach(sink.awaitCalls("/three", 6, PATIENCE)),
        bodies -> bodies.size() == 7 && bodies.getLast().equals("[10,11,12]"));
  }

  /** What was called; a call in flight at a kill is repeated with its key. */
  private static List<String> onceEach(List<RecordingSink.Call> calls) {
    Map<String, String> bodies = new LinkedHashMap<>();
    calls.forEach(call -> bodies.putIfAbsent(call.key(), call.body()));
    return List.copyOf(bodies.values());
  }

  /** Replays the last minutes for an AREA, to the end. */
  private static JsonNode replayed(AreaClient owner, JsonNode area, String more)
      throws IOException, InterruptedException {
    ObjectNode body = (ObjectNode) JSON.readTree(more);
    body.put("perSecond", 50).put("from", Instant.now().minusSeconds(600).toString());
    return finished(owner, asked(owner, area, body));
  }

  /** Asks for a live replay; gives its id. */
  private static String asked(AreaClient owner, JsonNode area, ObjectNode body)
      throws IOException, InterruptedException {
    return owner
        .post("/api/v1/areas/" + area.path("id").asText() + "/replay", body.put("mode", "live"))
        .expecting(202)
        .body()
        .path("id")
        .asText();
  }

  private static JsonNode finished(AreaClient owner, String replay)
      throws IOException, InterruptedException {
    return owner
        .await(
            "/api/v1/replays/" + replay,
            PATIENCE,
            answer -> answer.body().path("status").asText().equals("finished"))
        .body();
  }

  @Test
  void aDelayedRunIsCancelled() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area =
        Areas.createLive(
            owner,
            definition(
                """
                {"name": "Cancelled",
                 "action": {"service": "webhook", "action": "received", "inputs": {}},
                 "reactions": [
                   {"id": "late", "service": "http", "reaction": "request", "delay": "PT1H",
                    "inputs": {"method": "POST", "url": "SINK/late"}}]}
                """));
    Areas.deliver(owner, area, "{}");
    JsonNode waiting = Areas.awaitRun(owner, area, "running", PATIENCE);
    assertThat(step(waiting, "late").path("status").asText()).isEqualTo("waiting");

    // when
    owner
        .post(
            "/api/v1/runs/" + waiting.path("id").asText() + "/cancel",
            JsonNodeFactory.instance.objectNode())
        .expecting(202);

    // then
    Areas.awaitRun(owner, area, "cancelled", PATIENCE);
    assertThat(sink.calls()).noneMatch(call -> call.path().equals("/late"));
  }

  @Test
  void aSequenceAcrossGithubAndTheTimerIsSeen() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area =
        Areas.createLive(
            owner,
            definition(
                """
                {"name": "Opened, then time passed",
                 "actions": [
                   {"id": "opened", "service": "github", "action": "issue_opened",
                    "inputs": {"repository": "Codertocat/Hello-World"}},
                   {"id": "tick", "service": "timer", "action": "interval",
                    "inputs": {"every": "PT2S"}}],
                 "rule": {"sequence": {"within": "PT1M",
                                       "members": [{"of": "opened"}, {"of": "tick"}]}},
                 "reactions": [
                   {"id": "tell", "service": "http", "reaction": "request",
                    "inputs": {"method": "POST", "url": "SINK/sequence",
                               "body": {"title": "${events[0].payload.issue.title}",
                                        "then": "${events[1].payload.scheduledAt}"}}}]}
                """));
    JsonNode payload =
        owner
            .get("/api/v1/services/github/actions/issue_opened")
            .expecting(200)
            .body()
            .path("sample");
    byte[] body = JSON.writeValueAsBytes(payload);
    JsonNode hook = hookOf(area, "opened");

    // when
    owner
        .deliver(
            URI.create(hook.path("url").asText()),
            body,
            GithubSignature.headers(
                "issues", UUID.randomUUID().toString(), hook.path("secret").asText(), body))
        .expecting(202);

    // then
    JsonNode told = JSON.readTree(sink.awaitCalls("/sequence", 1, PATIENCE).getFirst().body());
    assertThat(told.path("title")).isEqualTo(payload.at("/issue/title"));
    assertThat(told.path("then").asText()).isNotEmpty();
    JsonNode run = Areas.awaitRun(owner, area, "succeeded", PATIENCE);
    assertThat(run.path("events")).hasSize(2);
    owner.delete("/api/v1/areas/" + area.path("id").asText()).expecting(204);
  }

  @Test
  void theCommandLineAppliesAFileAndTailsTheRunOfIt() throws Exception {
    // given
    String email = UUID.randomUUID() + "@example.org";
    AreaClient owner = program.client().signUp(email, "correct horse battery");
    Map<String, String> environment =
        Map.of(
            "AREA_SERVER", program.api().toString(),
            "XDG_CONFIG_HOME", folder.resolve("config").toString());
    CommandProcess login =
        CommandProcess.run(
            folder,
            environment,
            "correct horse battery",
            "login",
            "--email",
            email,
            "--password-stdin");
    assertThat(login.exitCode()).as(login.err()).isZero();
    String file =
        """
        name: By file
        action: {service: webhook, action: received}
        reactions:
          - id: tell
            service: http
            reaction: request
            inputs: {method: POST, url: "http://%s/by-file", body: "${event.text}"}
        """
            .formatted(sink.authority());

    // when
    CommandProcess applied =
        CommandProcess.run(folder, environment, file, "areas", "apply", "-f", "-", "--json");

    // then
    assertThat(applied.exitCode()).as(applied.err()).isZero();
    JsonNode area = JSON.readTree(applied.out()).path("applied").path(0);
    Areas.awaitStatus(owner, area.path("id").asText(), "live");
    Areas.deliver(owner, area, "{\"text\": \"hello\"}");
    Areas.awaitRun(owner, area, "succeeded", PATIENCE);
    CommandProcess tailed =
        CommandProcess.run(
            folder, environment, "", "runs", "tail", "--area", "By file", "--count", "1", "--json");
    assertThat(tailed.exitCode()).as(tailed.err()).isZero();
    assertThat(JSON.readTree(tailed.out()).path("status").asText()).isEqualTo("succeeded");
    CommandProcess again =
        CommandProcess.run(folder, environment, file, "areas", "diff", "--prune", "-f", "-");
    assertThat(again.exitCode()).as(again.out() + again.err()).isZero();
  }

  @Test
  void whatHappenedIsExportedAndReadFromTheTopics() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area =
        Areas.createLive(
            owner,
            definition(
                """
                {"name": "Exported",
                 "action": {"service": "webhook", "action": "received", "inputs": {}},
                 "when": "event.n > 1",
                 "reactions": [
                   {"id": "tell", "service": "http", "reaction": "request",
                    "inputs": {"method": "POST", "url": "SINK/exported"}}]}
                """));
    for (int n = 1; n <= 3; n++) {
      Areas.deliver(owner, area, "{\"n\":" + n + ",\"of\":\"exported\"}");
    }
    JsonNode ended =
        owner
            .await(
                "/api/v1/runs?status=succeeded",
                PATIENCE,
                answer -> answer.body().path("items").size() == 2)
            .body();
    Map<String, String> environment =
        Map.of("AREA_SERVER", program.api().toString(), "AREA_TOKEN", readingToken(owner));
    Path csv = folder.resolve("events.csv");
    Path avro = folder.resolve("runs.avro");
    Path reader = Path.of("../docs/examples/ReadTopic.java");

    // when
    CommandProcess events =
        CommandProcess.run(
            folder,
            environment,
            "",
            "events",
            "export",
            "--area",
            "Exported",
            "--format",
            "csv",
            "-o",
            csv.toString());
    CommandProcess rows =
        CommandProcess.run(
            folder, environment, "", "runs", "export", "--format", "avro", "-o", avro.toString());
    CommandProcess readEvents =
        CommandProcess.source(
            folder,
            reader,
            program.addressOf("Kafka"),
            program.addressOf("Schema registry"),
            Topics.EVENTS.name());
    CommandProcess readRuns =
        CommandProcess.source(
            folder,
            reader,
            program.addressOf("Kafka"),
            program.addressOf("Schema registry"),
            Topics.RUNS.name());

    // then
    assertThat(events.exitCode()).as(events.err()).isZero();
    assertThat(Files.readAllLines(csv))
        .hasSize(4)
        .filteredOn(line -> line.contains("\"{\"\"n\"\":"))
        .hasSize(3);
    assertThat(rows.exitCode()).as(rows.err()).isZero();
    try (DataFileReader<GenericRecord> runs =
        new DataFileReader<>(avro.toFile(), new GenericDatumReader<>())) {
      assertThat((Iterable<GenericRecord>) runs)
          .extracting(run -> run.get("id").toString())
          .containsExactly(ended.at("/items/0/id").asText(), ended.at("/items/1/id").asText());
    }
    assertThat(readEvents.exitCode()).as(readEvents.err()).isZero();
    assertThat(readEvents.out().lines())
        .filteredOn(line -> line.contains("  webhook.received  ") && line.contains("exported"))
        .hasSize(3);
    assertThat(readRuns.out())
        .contains("\"runId\": \"" + ended.at("/items/0/id").asText() + "\"", "SUCCEEDED");
  }

  private static String readingToken(AreaClient owner) throws IOException, InterruptedException {
    JsonNode token =
        JSON.readTree(
            "{\"name\": \"export\", \"scopes\": [\"areas:read\", \"events:read\", \"runs:read\"]}");
    return owner.post("/api/v1/tokens", token).expecting(201).body().path("token").asText();
  }

  private static JsonNode hookOf(JsonNode area, String action) {
    for (JsonNode hook : area.path("hooks")) {
      if (hook.path("of").asText().equals(action)) {
        return hook;
      }
    }
    throw new AssertionError("expected a hook of " + action + ", found " + area);
  }

  private static AreaClient newUser() throws IOException, InterruptedException {
    return program.client().signUp(UUID.randomUUID() + "@example.org", "correct horse battery");
  }

  private static JsonNode definition(String json) throws IOException {
    return JSON.readTree(json.replace("SINK", "http://" + sink.authority()));
  }

  private static Map<String, String> statuses(JsonNode run) {
    Map<String, String> statuses = new LinkedHashMap<>();
    run.path("steps")
        .forEach(step -> statuses.put(step.path("id").asText(), step.path("status").asText()));
    return statuses;
  }

  private static JsonNode step(JsonNode run, String id) {
    for (JsonNode step : run.path("steps")) {
      if (step.path("id").asText().equals(id)) {
        return step;
      }
    }
    throw new AssertionError("expected a step " + id + ", found " + run);
  }
}
