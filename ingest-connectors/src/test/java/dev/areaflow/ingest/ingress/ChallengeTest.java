package dev.areaflow.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.catalog.CatalogConfig;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.ServiceAddresses;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.schemas.avro.Wake;
import dev.areaflow.schemas.rows.HookRow;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Providers' questions whether a hook is there, and signed URLs, over HTTP. */
final class ChallengeTest {
  private static final String MANIFEST =
      """
      apiVersion: area/v1
      id: asks
      name: Asks
      version: 1.0.0
      description: Asks whether hooks are there.
      actions:
        - {id: dropbox, description: Asks, inputs: [], output: &o {schema: a.schema.json, sample: a.sample.json}, webhook: {event_id: &id [{generated: uuid}], verify: &v {type: token, header: x-token}, challenge: {type: echo_query, method: GET, parameter: challenge}}}
        - {id: graph, description: Asks, inputs: [], output: *o, webhook: {event_id: *id, verify: *v, challenge: {type: echo_query, method: POST, parameter: validationToken}}}
        - {id: trello, description: Asks, inputs: [], output: *o, webhook: {event_id: *id, verify: *v, challenge: {type: head_200}}}
        - {id: slack, description: Asks, inputs: [], output: *o, webhook: {event_id: *id, verify: *v, challenge: {type: echo_json, when: {/type: url_verification}, echo: /challenge}}}
        - {id: discord, description: Asks, inputs: [], output: *o, webhook: {event_id: *id, verify: *v, challenge: {type: ping_204, when: {/type: 0}}}}
        - {id: url, description: Signs, inputs: [], output: *o, webhook: {event_id: *id, verify: {type: hmac, hash: sha256, encoding: hex, prefix: "", header: x-token, signed: "${body}${url}"}}}
        - {id: wakes, description: Wakes, inputs: [], output: *o, poll: &p {request: {method: GET, url: "https://asks.example/list"}, items: {pointer: ""}, id: {pointer: /id}, etag: false, every: PT1M}, webhook: {mode: wake, verify: *v, challenge: {type: echo_query, method: GET, parameter: challenge}}}
        - {id: wakes_for_some, description: Wakes, inputs: [], output: *o, poll: *p, webhook: {mode: wake, verify: *v, accept: {headers: {x-state: exists}, body: {/type: change}}, challenge: {type: ping_204, when: {/type: 0}}}}
        - {id: plain, description: Asks not, inputs: [], output: *o, webhook: {event_id: *id, verify: *v}}
      reactions: []
      tests: {actions: {}, reactions: {}}
      """;

  /** Few enough for a test to reach the rate of a hook. */
  private static final IngressLimits LIMITS =
      new IngressLimits(RunningHooks.BODY_BYTES, 10, 100, 100, 10_000_000, Duration.ofSeconds(20));

  private final FakeEvents events = new FakeEvents();
  private final SlowBodies slow = new SlowBodies(Duration.ofSeconds(20));
  private final HttpClient client = HttpClient.newHttpClient();
  private HookTable table;
  private HookServer server;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    Path folder = Files.createDirectory(directory.resolve("asks"));
    Files.writeString(folder.resolve("manifest.yaml"), MANIFEST);
    Files.writeString(folder.resolve("a.schema.json"), "{}");
    Files.writeString(folder.resolve("a.sample.json"), "{}");
    ServiceCatalog catalog =
        new CatalogConfig(
                Optional.of(directory), ServiceAddresses.asDeclared(), OAuthClients.none(), 1)
            .load(
                problem -> {
                  throw new AssertionError(problem);
                });
    table = new HookTable(row -> Hook.of(row, catalog, TestHooks.KEY));
    table.markComplete();
    slow.start();
    server =
        new HookServer(
            "127.0.0.1",
            0,
            LIMITS,
            new HookEndpoint(
                RunningHooks.URL,
                TestHooks.KEY,
                table,
                events,
                new HookTallies(100),
                LIMITS,
                slow,
                new SettableClock(TestHooks.NOW),
                new SimpleMeterRegistry()));
    server.start();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
    slow.close();
  }

  @Test
  void dropboxGetsItsParameterBackAsPlainText() throws Exception {
    HookRow hook = hook("dropbox");
    HttpResponse<String> answer = send(hook, "GET", "?challenge=a%3Cb%3E", "", "");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("a<b>");
    assertThat(answer.headers().firstValue("content-type")).hasValue("text/plain; charset=utf-8");
    assertThat(answer.headers().firstValue("x-content-type-options")).hasValue("nosniff");
    assertThat(send(hook, "GET", "", "", "").statusCode()).isEqualTo(405);
    assertThat(send(hook, "GET", "?challenge=", "", "").statusCode()).isEqualTo(405);
    assertThat(send(hook, "POST", "?challenge=a", "", "{}").statusCode()).isEqualTo(401);
    assertThat(events.kept()).isEmpty();
  }

  @Test
  void graphGetsItsTokenBackUnsigned() throws Exception {
    HookRow hook = hook("graph");
    HttpResponse<String> answer = send(hook, "POST", "?validationToken=Validation%3A+1", "", "");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("Validation: 1");
    assertThat(send(hook, "GET", "?validationToken=a", "", "").statusCode()).isEqualTo(405);
    assertThat(send(hook, "POST", "", "", "{}").statusCode()).isEqualTo(401);
    assertThat(events.kept()).isEmpty();
  }

  @Test
  void aDisabledHookIsThereToo() throws Exception {
    HookRow disabled = TestHooks.disabled(hook("graph"));
    table.apply(disabled.id(), disabled);
    assertThat(send(disabled, "POST", "?validationToken=a", "", "").statusCode()).isEqualTo(200);
    HookRow slack = TestHooks.disabled(hook("slack"));
    table.apply(slack.id(), slack);
    String body = "{\"type\":\"url_verification\",\"challenge\":\"3eZbrw1a\"}";
    assertThat(send(slack, "POST", "", secret(slack), body).body())
        .isEqualTo("{\"challenge\":\"3eZbrw1a\"}");
  }

  @Test
  void whatIsTooLongOrNoTextIsNotSentBack() throws Exception {
    assertThat(
            send(hook("graph"), "POST", "?validationToken=" + "a".repeat(1_025), "", "")
                .statusCode())
        .isEqualTo(401);
    HookRow slack = hook("slack");
    for (String challenge : List.of("7", "null", "\"" + "a".repeat(1_025) + "\"")) {
      String body = "{\"type\":\"url_verification\",\"challenge\":" + challenge + "}";
      assertThat(send(slack, "POST", "", secret(slack), body).statusCode()).isEqualTo(400);
    }
    assertThat(events.kept()).isEmpty();
  }

  @Test
  void questionsCountAgainstTheRateOfTheHook() throws Exception {
    HookRow hook = hook("dropbox");
    int status = 200;
    for (int i = 0; i < 1_000 && status == 200; i++) {
      status = send(hook, "GET", "?challenge=a", "", "").statusCode();
    }
    assertThat(status).isEqualTo(429);
  }

  @Test
  void trelloFindsTheHookWithHead() throws Exception {
    assertThat(send(hook("trello"), "HEAD", "", "", "").statusCode()).isEqualTo(200);
    assertThat(send(hook("plain"), "HEAD", "", "", "").statusCode()).isEqualTo(405);
  }

  @Test
  void slackGetsItsChallengeBackWhereItProvesItself() throws Exception {
    HookRow hook = hook("slack");
    String body = "{\"type\":\"url_verification\",\"challenge\":\"3eZbrw1a\"}";
    HttpResponse<String> answer = send(hook, "POST", "", secret(hook), body);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"challenge\":\"3eZbrw1a\"}");
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(send(hook, "POST", "", "wrong", body).statusCode()).isEqualTo(401);
    assertThat(events.kept()).isEmpty();
  }

  @Test
  void discordsPingIsAnsweredWithoutContentAndOthersAreEvents() throws Exception {
    HookRow hook = hook("discord");
    HttpResponse<String> answer = send(hook, "POST", "", secret(hook), "{\"type\":0}");
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
    assertThat(events.kept()).isEmpty();
    assertThat(send(hook, "POST", "", secret(hook), "{\"type\":1}").statusCode()).isEqualTo(202);
    assertThat(events.kept()).hasSize(1);
  }

  @Test
  void aWakeIsKeptWhateverItsBodyIsAndIsNoEvent() throws Exception {
    HookRow hook = hook("wakes");
    HttpResponse<String> answer = send(hook, "POST", "", secret(hook), "");
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answer.body()).isEqualTo("{\"poll\":\"now\"}");
    assertThat(send(hook, "POST", "", secret(hook), "no JSON").statusCode()).isEqualTo(202);
    assertThat(send(hook, "POST", "", "wrong", "{}").statusCode()).isEqualTo(401);
    assertThat(send(hook, "GET", "?challenge=a", "", "").body()).isEqualTo("a");
    assertThat(events.kept()).isEmpty();
    assertThat(events.woken()).extracting(Wake::getHookId).containsExactly(hook.id(), hook.id());
  }

  @Test
  void aWakeThatIsNotKeptIsNotAnsweredAsIfItWere() throws Exception {
    HookRow hook = hook("wakes");
    events.fail();
    assertThat(send(hook, "POST", "", secret(hook), "").statusCode()).isEqualTo(503);
  }

  @Test
  void aWakeOfADisabledHookIsIgnored() throws Exception {
    HookRow disabled = TestHooks.disabled(hook("wakes"));
    table.apply(disabled.id(), disabled);
    assertThat(send(disabled, "POST", "", secret(disabled), "").body()).contains("disabled");
    assertThat(events.woken()).isEmpty();
  }

  @Test
  void wakesMayBeToldFromQuestionsAndOthersByTheirHeadersAndBodies() throws Exception {
    HookRow hook = hook("wakes_for_some");
    assertThat(send(hook, "POST", "", secret(hook), "{\"type\":0}").statusCode()).isEqualTo(204);
    assertThat(send(hook, "POST", "", secret(hook), "{\"type\":\"change\"}").body())
        .contains("x-state is missing");
    assertThat(send(hook, "POST", "", secret(hook), "no JSON").statusCode()).isEqualTo(400);
    assertThat(events.woken()).isEmpty();
  }

  @Test
  void hooksThatAreNotAskedSoAndUnknownOnesAnswerAsEver() throws Exception {
    HookRow plain = hook("plain");
    assertThat(send(plain, "GET", "?challenge=a", "", "").statusCode()).isEqualTo(405);
    assertThat(send(plain, "POST", "?validationToken=a", "", "{}").statusCode()).isEqualTo(401);
    HookRow deleted = TestHooks.deleted(hook("dropbox"));
    table.apply(deleted.id(), deleted);
    assertThat(send(deleted, "GET", "?challenge=a", "", "").statusCode()).isEqualTo(405);
    HookRow unknown = TestHooks.row(UUID.randomUUID(), "asks", "dropbox", "{}");
    assertThat(send(unknown, "GET", "?challenge=a", "", "").statusCode()).isEqualTo(503);
    assertThat(send(unknown, "PUT", "?challenge=a", "", "").statusCode()).isEqualTo(405);
  }

  @Test
  void theSignedUrlIsThatOfTheSettingWhateverWasCalled() throws Exception {
    HookRow hook = hook("url");
    String url =
        "https://hooks.example.org/hooks/" + TestHooks.KEY.token(UUID.fromString(hook.id()));
    assertThat(send(hook, "POST", "?a=%20b", hmac(hook, "{}" + url + "?a=%20b"), "{}").statusCode())
        .isEqualTo(202);
    assertThat(send(hook, "POST", "?a=+b", hmac(hook, "{}" + url + "?a=%20b"), "{}").statusCode())
        .isEqualTo(401);
    assertThat(send(hook, "POST", "", hmac(hook, "{}" + url), "{}").statusCode()).isEqualTo(202);
    String called = url.replace("https://hooks.example.org", "http://127.0.0.1:" + server.port());
    assertThat(send(hook, "POST", "", hmac(hook, "{}" + called), "{}").statusCode()).isEqualTo(401);
  }

  private static String hmac(HookRow hook, String text) {
    return TestHooks.signature(UUID.fromString(hook.id()), 1, text.getBytes(UTF_8))
        .substring("sha256=".length());
  }

  private HookRow hook(String action) {
    HookRow row = TestHooks.row(UUID.randomUUID(), "asks", action, "{}");
    table.apply(row.id(), row);
    return row;
  }

  private static String secret(HookRow hook) {
    return TestHooks.KEY.secret(UUID.fromString(hook.id()), 1);
  }

  private HttpResponse<String> send(
      HookRow hook, String method, String query, String token, String body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:"
                        + server.port()
                        + "/hooks/"
                        + TestHooks.KEY.token(UUID.fromString(hook.id()))
                        + query))
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/json")
            .header("X-Token", token)
            .method(method, BodyPublishers.ofByteArray(body.getBytes(UTF_8)))
            .build(),
        BodyHandlers.ofString(UTF_8));
  }
}
