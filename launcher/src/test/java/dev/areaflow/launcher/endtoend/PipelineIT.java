package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.client.Answer;
import dev.areaflow.launcher.client.AreaClient;
import dev.areaflow.launcher.client.GithubSignature;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user does and sees, on the whole platform, through HTTP only. */
class PipelineIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int SENDERS = 16;

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
  void anIssueOnGithubBecomesAPostAtTheThirdParty() throws Exception {
    // given
    AreaClient owner = newUser();
    ObjectNode definition =
        Areas.posting(
            "Bug triage",
            "github",
            "issue_opened",
            Areas.inputs().put("repository", "Codertocat/Hello-World"),
            sink.address("/bugs"),
            JSON.readTree(
                """
                {"text": "New bug: ${event.issue.title}", "number": "${event.issue.number}"}
                """));
    definition.put("when", "event.issue.number > 0");
    JsonNode area = Areas.createLive(owner, definition);
    byte[] payload = JSON.writeValueAsBytes(sample(owner, "github", "issue_opened"));
    String delivery = UUID.randomUUID().toString();

    // when
    Answer accepted =
        owner.deliver(
            Areas.hookUrl(area),
            payload,
            GithubSignature.headers("issues", delivery, Areas.hookSecret(area), payload));

    // then
    assertThat(accepted.status()).isEqualTo(202);
    assertThat(accepted.body().path("eventId").asText()).isEqualTo(delivery);
    RecordingSink.Call call = sink.awaitCalls("/bugs", 1, PATIENCE).getFirst();
    JsonNode sent = JSON.readTree(call.body());
    JsonNode issue = JSON.readTree(payload).path("issue");
    assertThat(sent.path("text").asText()).isEqualTo("New bug: " + issue.path("title").asText());
    assertThat(sent.path("number")).isEqualTo(issue.path("number"));
    assertThat(call.key()).isNotEmpty();
    JsonNode run = Areas.awaitRun(owner, area, "succeeded", PATIENCE);
    assertThat(run.path("eventId").asText()).isEqualTo(delivery);
    assertThat(run.path("steps").path(0).path("response").path("status").asInt()).isEqualTo(200);
    JsonNode whole = owner.get("/api/v1/runs/" + run.path("id").asText()).expecting(200).body();
    assertThat(whole.path("event").path("payload")).isEqualTo(JSON.readTree(payload));
  }

  @Test
  void aDeliveryThreeTimesIsOneRunAndTheEventSaysWhy() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area = Areas.createLive(owner, received("Once", "/once", "event.n > 0"));
    byte[] body = "{\"n\": 1}".getBytes(StandardCharsets.UTF_8);
    String id = UUID.randomUUID().toString();
    Map<String, String> headers = Map.of("Content-Type", "application/json", "webhook-id", id);

    // when
    for (int delivery = 0; delivery < 3; delivery++) {
      owner.deliver(Areas.hookUrl(area), body, headers).expecting(202);
    }
    owner
        .deliver(
            Areas.hookUrl(area),
            "{\"n\": 0}".getBytes(StandardCharsets.UTF_8),
            Map.of("Content-Type", "application/json", "webhook-id", id + "-other"))
        .expecting(202);

    // then
    Areas.awaitRun(owner, area, "succeeded", PATIENCE);
    JsonNode filtered =
        owner
            .await(
                "/api/v1/events/" + id + "-other",
                PATIENCE,
                answer -> answer.body().path("verdicts").size() > 0)
            .body();
    assertThat(filtered.path("verdicts").path(0).path("result").asText()).isEqualTo("filtered");
    JsonNode matched =
        owner
            .await(
                "/api/v1/events/" + id,
                PATIENCE,
                answer -> answer.body().path("verdicts").toString().contains("matched"))
            .body();
    assertThat(matched.path("payload").path("n").asInt()).isEqualTo(1);
    assertThat(runs(owner, area)).hasSize(1);
    assertThat(sink.awaitCalls("/once", 1, PATIENCE)).hasSize(1);
  }

  @Test
  void aSequenceOverTwoHooksFiresOnceAndItsRunNamesBoth() throws Exception {
    // given
    AreaClient owner = newUser();
    ObjectNode definition = received("Sequence", "/sequence", "true");
    definition.remove("action");
    for (String id : List.of("first", "second")) {
      definition
          .withArray("actions")
          .addObject()
          .put("id", id)
          .put("service", "webhook")
          .put("action", "received");
    }
    definition.set(
        "rule",
        JSON.readTree(
            """
            {"sequence": {"within": "PT1H", "members": [{"of": "first"}, {"of": "second"}]},
             "by": "event.n"}
            """));
    JsonNode area = Areas.createLive(owner, definition);
    Map<String, String> headers = Map.of("Content-Type", "application/json");
    List<byte[]> bodies =
        List.of(
            "{\"n\": 1}".getBytes(StandardCharsets.UTF_8),
            "{\"n\": 2}".getBytes(StandardCharsets.UTF_8));
    URI first = URI.create(area.at("/hooks/0/url").asText());
    URI second = URI.create(area.at("/hooks/1/url").asText());

    // when
    owner.deliver(second, bodies.get(1), headers).expecting(202);
    owner.deliver(first, bodies.get(0), headers).expecting(202);
    owner.deliver(second, bodies.get(0), headers).expecting(202);

    // then
    JsonNode run = Areas.awaitRun(owner, area, "succeeded", PATIENCE);
    assertThat(run.path("events"))
        .extracting(event -> event.path("hookId").asText())
        .containsExactly(area.at("/hooks/0/id").asText(), area.at("/hooks/1/id").asText());
    assertThat(sink.awaitCalls("/sequence", 1, PATIENCE)).hasSize(1);
    JsonNode told =
        owner
            .await(
                "/api/v1/areas/" + area.path("id").asText(),
                PATIENCE,
                answer -> answer.body().at("/memory/dropped").asInt() == 1)
            .body();
    assertThat(told.at("/memory/kept").asInt()).isEqualTo(1);
    assertThat(runs(owner, area)).hasSize(1);
  }

  @Test
  void aBacktestTellsTheRunsThatThereWere() throws Exception {
    // given
    AreaClient owner = newUser();
    ObjectNode definition = received("Counting", "/counted", "event.n % 2 == 0");
    definition.set(
        "rule",
        JSON.readTree("{\"count\": {\"n\": 50, \"within\": \"PT1H\"}, \"by\": \"event.n % 4\"}"));
    JsonNode area = Areas.createLive(owner, definition);
    Instant from = Instant.now().minusSeconds(60);
    deliverAtOnce(owner, area, 10_000);
    JsonNode live =
        owner
            .await(
                "/api/v1/runs?limit=200&area=" + area.path("id").asText(),
                Duration.ofMinutes(2),
                answer -> succeeded(answer.body().path("items")) == 100)
            .body();

    // when
    List<JsonNode> lines = new ArrayList<>();
    owner.postForLines(
        "/api/v1/areas/backtest",
        JsonNodeFactory.instance
            .objectNode()
            .put("areaId", area.path("id").asText())
            .put("from", from.toString()),
        lines::add);

    // then
    JsonNode summary = lines.getLast();
    assertThat(summary.path("type").asText()).as(summary.toString()).isEqualTo("summary");
    assertThat(summary.path("read").asInt()).isEqualTo(10_000);
    assertThat(summary.at("/refused/event.n % 2 == 0").asInt()).isEqualTo(5_000);
    assertThat(summary.path("fired").asInt()).isEqualTo(100);
    List<List<String>> past =
        lines.stream()
            .filter(line -> line.path("type").asText().equals("firing"))
            .map(line -> texts(line.path("eventIds")))
            .toList();
    List<List<String>> was = new ArrayList<>();
    live.path("items").forEach(run -> was.add(run.path("events").findValuesAsText("id")));
    assertThat(past).containsExactlyInAnyOrderElementsOf(was);
    assertThat(
            owner
                .get("/api/v1/runs?limit=200&area=" + area.path("id").asText())
                .body()
                .path("items"))
        .hasSize(100);
    System.out.printf("backtest of 10000 events: %s%n", summary);

    // when
    lines.clear();
    owner.postForLines(
        "/api/v1/areas/" + area.path("id").asText() + "/replay",
        JsonNodeFactory.instance
            .objectNode()
            .put("from", from.toString())
            .put("when", "event.n < 200"),
        lines::add);

    // then
    JsonNode dryRun = lines.getLast();
    assertThat(dryRun.path("read").asInt()).as(dryRun.toString()).isEqualTo(10_000);
    assertThat(dryRun.path("skipped").asInt()).isEqualTo(9_800);
    assertThat(dryRun.path("fired").asInt()).isEqualTo(2);
    assertThat(lines)
        .filteredOn(line -> line.path("type").asText().equals("firing"))
        .allSatisfy(firing -> assertThat(firing.path("skipped")).hasSize(1));
  }

  private static int succeeded(JsonNode runs) {
    int succeeded = 0;
    for (JsonNode run : runs) {
      succeeded += run.path("status").asText().equals("succeeded") ? 1 : 0;
    }
    return succeeded;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static void deliverAtOnce(AreaClient owner, JsonNode area, int events) throws Exception {
    List<Future<?>> senders = new ArrayList<>();
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(SENDERS)) {
      for (int sender = 0; sender < SENDERS; sender++) {
        senders.add(
            threads.submit(
                () -> {
                  for (int n = next.getAndIncrement(); n < events; n = next.getAndIncrement()) {
                    Areas.deliver(owner, area, "{\"n\": " + n + "}");
                  }
                  return null;
                }));
      }
    }
    for (Future<?> sender : senders) {
      sender.get();
    }
  }

  @Test
  void aProviderThatIsBusyIsAskedAgainWhenItSaid() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area = Areas.createLive(owner, received("Patient", "/busy", "true"));
    sink.replyWith(new RecordingSink.Reply(429, "{\"error\":\"slow down\"}", Optional.of(2)));

    // when
    owner
        .deliver(
            Areas.hookUrl(area),
            "{}".getBytes(StandardCharsets.UTF_8),
            Map.of("Content-Type", "application/json"))
        .expecting(202);

    // then
    List<RecordingSink.Call> calls = sink.awaitCalls("/busy", 2, PATIENCE);
    assertThat(calls.get(1).key()).isEqualTo(calls.get(0).key());
    assertThat(Duration.between(calls.get(0).at(), calls.get(1).at()))
        .isGreaterThanOrEqualTo(Duration.ofMillis(1_900));
    JsonNode run = Areas.awaitRun(owner, area, "succeeded", PATIENCE);
    assertThat(run.path("steps").path(0).path("attempts").asInt()).isEqualTo(2);
  }

  @Test
  void aTargetInsideTheNetworkIsRefusedAndTheRunSaysHowToOpenIt() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area =
        Areas.createLive(
            owner,
            Areas.posting(
                "Inside",
                "webhook",
                "received",
                Areas.inputs(),
                URI.create("http://169.254.169.254/latest/meta-data"),
                JsonNodeFactory.instance.objectNode()));

    // when
    owner
        .deliver(
            Areas.hookUrl(area),
            "{}".getBytes(StandardCharsets.UTF_8),
            Map.of("Content-Type", "application/json"))
        .expecting(202);

    // then
    JsonNode error =
        Areas.awaitRun(owner, area, "failed", PATIENCE).path("steps").path(0).path("error");
    assertThat(error.path("class").asText()).isEqualTo("permanent");
    assertThat(error.path("message").asText()).contains("169.254.169.254", "AREA_EGRESS_ALLOW");
  }

  @Test
  void anUnknownHookAndABadSignatureLookAlike() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area =
        Areas.createLive(
            owner,
            Areas.posting(
                "Signed",
                "webhook",
                "received",
                Areas.inputs().put("verification", "hmac-sha256"),
                sink.address("/signed"),
                JsonNodeFactory.instance.objectNode()));
    URI hook = Areas.hookUrl(area);
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
    String last = hook.toString().substring(hook.toString().length() - 8);
    URI forged = URI.create(hook.toString().replace(last, new StringBuilder(last).reverse()));

    // when
    Answer badSignature =
        owner.deliver(
            hook,
            body,
            Map.of(
                "Content-Type",
                "application/json",
                "X-Hub-Signature-256",
                GithubSignature.sign("wrong", body)));
    Answer unknown = owner.deliver(forged, body, Map.of("Content-Type", "application/json"));
    Answer good =
        owner.deliver(
            hook,
            body,
            Map.of(
                "Content-Type",
                "application/json",
                "X-Hub-Signature-256",
                GithubSignature.sign(Areas.hookSecret(area), body)));

    // then
    assertThat(badSignature.status()).isEqualTo(401);
    assertThat(unknown.status()).isEqualTo(401);
    assertThat(unknown.body()).isEqualTo(badSignature.body());
    assertThat(good.status()).isEqualTo(202);
    JsonNode activity =
        owner
            .await(
                "/api/v1/hooks/" + area.path("hook").path("id").asText(),
                PATIENCE,
                answer -> answer.body().path("accepted").asInt() == 1)
            .body();
    assertThat(activity.path("refused").toString()).contains("1");
  }

  @Test
  void anEditedAreaDecidesByItsNewVersionAndADisabledOneNotAtAll() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area = Areas.createLive(owner, received("Edited", "/edited", "event.n == 1"));
    String path = "/api/v1/areas/" + area.path("id").asText();
    ObjectNode edited = owner.get(path).expecting(200).body().deepCopy();
    edited.put("when", "event.n == 2");

    // when
    JsonNode second = owner.put(path, edited, area.path("version").asLong()).expecting(200).body();
    Areas.awaitStatus(owner, area.path("id").asText(), "live");
    Areas.deliver(owner, area, "{\"n\": 1}");
    Areas.deliver(owner, area, "{\"n\": 2}");
    Areas.awaitRun(owner, area, "succeeded", PATIENCE);
    owner.post(path + "/disable", JsonNodeFactory.instance.objectNode()).expecting(200);
    Areas.awaitStatus(owner, area.path("id").asText(), "disabled");

    // then
    assertThat(second.path("hook").path("url")).isEqualTo(area.path("hook").path("url"));
    assertThat(runs(owner, area)).hasSize(1);
    assertThat(owner.put(path, edited, 1).status()).isEqualTo(412);
  }

  @Test
  void aClockFiresAndItsEventSaysWhen() throws Exception {
    // given
    AreaClient owner = newUser();

    // when
    JsonNode area =
        Areas.createLive(
            owner,
            Areas.posting(
                "Every second",
                "timer",
                "interval",
                Areas.inputs().put("every", "PT1S"),
                sink.address("/clock"),
                JSON.readTree("{\"at\": \"${event.scheduledAt}\"}")));

    // then
    List<RecordingSink.Call> calls = sink.awaitCalls("/clock", 3, PATIENCE);
    assertThat(calls).extracting(RecordingSink.Call::body).doesNotHaveDuplicates();
    owner.delete("/api/v1/areas/" + area.path("id").asText()).expecting(204);
  }

  @Test
  void tryingADefinitionShowsTheRequestAndSendsNothing() throws Exception {
    // given
    AreaClient owner = newUser();
    ObjectNode question = JsonNodeFactory.instance.objectNode();
    question.set("definition", received("Tried", "/tried", "event.n == 1"));
    question.putObject("event").put("n", 1);

    // when
    JsonNode answer = owner.post("/api/v1/areas/try", question).expecting(200).body();

    // then
    assertThat(answer.toString()).contains("matched", sink.address("/tried").toString());
    assertThat(sink.calls()).noneMatch(call -> call.path().equals("/tried"));
  }

  @Test
  void anotherUsersThingsAreNotThere() throws Exception {
    // given
    AreaClient owner = newUser();
    AreaClient stranger = newUser();
    JsonNode area = Areas.createLive(owner, received("Mine", "/mine", "true"));
    Areas.deliver(owner, area, "{}");
    JsonNode run = Areas.awaitRun(owner, area, "succeeded", PATIENCE);

    // when
    List<Integer> statuses = new ArrayList<>();
    for (String path :
        List.of(
            "/api/v1/areas/" + area.path("id").asText(),
            "/api/v1/hooks/" + area.path("hook").path("id").asText(),
            "/api/v1/runs/" + run.path("id").asText(),
            "/api/v1/events/" + run.path("eventId").asText())) {
      statuses.add(stranger.get(path).status());
    }

    // then
    assertThat(statuses).containsOnly(404);
    assertThat(stranger.get("/api/v1/areas").body().path("items")).isEmpty();
    assertThat(stranger.get("/api/v1/runs").body().path("items")).isEmpty();
  }

  @Test
  void theSlotsLagIsAMetricThatMoves() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area = Areas.createLive(owner, received("Written", "/written", "true"));
    double before = Metric.read(program.api(), Metric.SLOT_LAG);

    // when
    double after =
        Await.until(
            "another lag than " + before,
            PATIENCE,
            () -> {
              Areas.deliver(owner, area, "{}"); // its run is written to the database
              return Metric.read(program.api(), Metric.SLOT_LAG);
            },
            lag -> lag != before);

    // then
    assertThat(List.of(before, after)).allSatisfy(lag -> assertThat(lag).isBetween(0.0, 1e9));
    System.out.printf("slot lag: %.0f bytes, then %.0f%n", before, after);
  }

  @Test
  void anAreaThatWasDeletedComesBackAtItsAddressAndIsCounted() throws Exception {
    // given
    AreaClient owner = newUser();
    JsonNode area = Areas.createLive(owner, received("Back", "/back", "event.n > 0"));
    String path = "/api/v1/areas/" + area.path("id").asText();
    owner.delete(path).expecting(204);
    Await.until(
        "a hook that is closed",
        PATIENCE,
        () ->
            owner
                .deliver(
                    Areas.hookUrl(area),
                    "{\"n\": 0}".getBytes(StandardCharsets.UTF_8),
                    Map.of("Content-Type", "application/json"))
                .status(),
        status -> status == 401);

    // when
    JsonNode restored =
        owner
            .post(path + "/versions/1/restore", JsonNodeFactory.instance.objectNode())
            .expecting(200)
            .body();
    Areas.awaitStatus(owner, area.path("id").asText(), "live");
    Areas.deliver(owner, area, "{\"n\": 1}");

    // then
    JsonNode run = Areas.awaitRun(owner, area, "succeeded", PATIENCE);
    assertThat(run.path("areaVersion")).isEqualTo(restored.path("version"));
    JsonNode version = owner.get(run.path("areaVersionUrl").asText()).expecting(200).body();
    assertThat(version.path("what").asText()).isEqualTo("restored");
    assertThat(sink.awaitCalls("/back", 1, PATIENCE)).hasSize(1);
    JsonNode figures =
        owner
            .await(
                "/api/v1/stats?by=day&areaId=" + area.path("id").asText(),
                PATIENCE,
                answer -> answer.body().at("/items/0/runs/succeeded").asInt() == 1)
            .body()
            .at("/items/0");
    assertThat(figures.path("matches").asInt()).isEqualTo(1);
    assertThat(figures.at("/latency/p50").asLong()).isBetween(1L, PATIENCE.toMillis());
    assertThat(owner.get("/api/v1/audit?kind=area").expecting(200).body().path("items"))
        .extracting(act -> act.path("kind").asText())
        .containsExactly("area.restore", "area.delete", "area.create");
  }

  private static AreaClient newUser() throws IOException, InterruptedException {
    return program.client().signUp(UUID.randomUUID() + "@example.org", "correct horse battery");
  }

  private static ObjectNode received(String name, String path, String when) {
    return Areas.posting(
            name,
            "webhook",
            "received",
            Areas.inputs(),
            sink.address(path),
            JsonNodeFactory.instance.objectNode())
        .put("when", when);
  }

  private static JsonNode sample(AreaClient client, String service, String action)
      throws IOException, InterruptedException {
    return client
        .get("/api/v1/services/" + service + "/actions/" + action)
        .expecting(200)
        .body()
        .path("sample");
  }

  private static JsonNode runs(AreaClient client, JsonNode area)
      throws IOException, InterruptedException {
    return client
        .get("/api/v1/runs?area=" + area.path("id").asText())
        .expecting(200)
        .body()
        .path("items");
  }
}
