package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.connections.RotatingProvider;
import dev.areaflow.launcher.Platform;
import dev.areaflow.launcher.client.Answer;
import dev.areaflow.launcher.client.AreaClient;
import dev.areaflow.launcher.client.GithubSignature;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Accounts, from the person who connects them to the calls that carry them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConnectionsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String EMAIL = "account@example.org";
  private static final String PASSWORD = "correct horse battery";
  private static final Path GITHUB =
      Path.of("../service-catalog/src/main/resources/dev/areaflow/catalog/services/github");

  private final RotatingProvider github = new RotatingProvider();
  private final RotatingProvider tracker = new RotatingProvider();
  private Platform platform;
  private AreaClient owner;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    Map<String, String> settings = new HashMap<>(github.settings());
    settings.putAll(tracker.settings("tracker"));
    settings.put("egress.allow", github.authority() + "," + tracker.authority());
    settings.put("services.dir", trackerBeside(folder).toString());
    platform = Platforms.on(folder, settings);
    Platforms.start(platform);
    owner = new AreaClient(platform.api()).signUp(EMAIL, PASSWORD);
  }

  @AfterAll
  void stop() {
    platform.close();
    github.close();
    tracker.close();
  }

  /** A folder with a service that is GitHub but for its id and for being polled each second. */
  private static Path trackerBeside(Path folder) throws IOException {
    Path services = folder.resolve("services");
    Path copy = Files.createDirectories(services.resolve("tracker"));
    try (Stream<Path> files = Files.list(GITHUB)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    Path manifest = copy.resolve("manifest.yaml");
    Files.writeString(
        manifest,
        Files.readString(manifest)
            .replace("id: github\n", "id: tracker\n")
            .replace("every: PT1M", "every: {usual: PT1S, subscribed: PT2S}"));
    return services;
  }

  @Test
  void whatAPollAndADeliveryTellIsOneRunBeforeAndAfterTheWebhookMayBeSetUp() throws Exception {
    // given
    tracker.forbidden = true;
    String connection = "/api/v1/connections/" + trackerAccount().path("id").asText();
    JsonNode area = Areas.createLive(owner, commentingIssues("tracker", "desk"));
    String path = "/api/v1/areas/" + area.path("id").asText();
    JsonNode polled = owner.await(path, PATIENCE, ConnectionsIT::isPolled).body();
    JsonNode sample = sample("tracker");
    tracker.answers.put("/repos/Codertocat/Hello-World", sample.path("repository").toString());

    // when
    list(issue(sample, 1));
    Await.until("the comment on what was polled", PATIENCE, tracker.posts::size, n -> n == 1);
    tracker.forbidden = false;
    owner.post(connection + "/test", JSON.createObjectNode()).expecting(200);
    owner.await(
        path,
        PATIENCE,
        answer -> answer.body().at("/hook/subscription/status").asText().equals("active"));
    deliver(area, delivered(sample, issue(sample, 1)));
    deliver(area, delivered(sample, issue(sample, 2)));
    Await.until("the comment on what was delivered", PATIENCE, tracker.posts::size, n -> n == 2);
    list(issue(sample, 1), issue(sample, 2), issue(sample, 3));
    Await.until("the comment on what was only polled", PATIENCE, tracker.posts::size, n -> n == 3);

    // then
    assertThat(polled.path("status").asText()).isEqualTo("live");
    assertThat(polled.path("statusReason").asText())
        .startsWith("GitHub does not let the webhook be set up: it answered with status 404.")
        .endsWith("the service is asked for events instead.");
    assertThat(tracker.posts)
        .extracting(post -> post.substring(0, post.indexOf(' ')))
        .containsExactly(
            "/repos/Codertocat/Hello-World/issues/1/comments",
            "/repos/Codertocat/Hello-World/issues/2/comments",
            "/repos/Codertocat/Hello-World/issues/3/comments");
    assertThat(
            owner
                .get("/api/v1/events?limit=200&hook=" + area.at("/hook/id").asText())
                .expecting(200)
                .body()
                .path("items"))
        .extracting(event -> event.path("id").asText())
        .contains("issue:1001:opened", "issue:1002:opened", "issue:1003:opened");
  }

  private JsonNode trackerAccount() throws Exception {
    ObjectNode account = JSON.createObjectNode().put("service", "tracker").put("name", "desk");
    account.putObject("credentials").put("token", tracker.ownToken());
    return owner.post("/api/v1/connections", account).expecting(201).body();
  }

  private static boolean isPolled(Answer answer) {
    return answer.body().at("/hook/subscription/status").asText().equals("polled")
        && answer.body().at("/hook/polling/lastPolledAt").isTextual();
  }

  private void list(JsonNode... issues) {
    tracker.answers.put("/repos/Codertocat/Hello-World/issues", List.of(issues).toString());
  }

  /** An issue that was opened just now. */
  private static JsonNode issue(JsonNode sample, int number) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    return ((ObjectNode) sample.path("issue").deepCopy())
        .put("id", 1_000 + number)
        .put("number", number)
        .put("created_at", now)
        .put("updated_at", now);
  }

  private static JsonNode delivered(JsonNode sample, JsonNode issue) {
    return ((ObjectNode) sample.deepCopy()).set("issue", issue);
  }

  private void deliver(JsonNode area, JsonNode event) throws Exception {
    deliver(area, JSON.writeValueAsBytes(event), tracker.webhooks.values().iterator().next());
  }

  @Test
  void aConsentedAccountIsOnTheCallsUntilTheConsentIsWithdrawnAndGivenAgain() throws Exception {
    // given
    HttpClient browser = browser(platform.api());
    JsonNode begun =
        owner
            .post(
                "/api/v1/connections",
                JSON.createObjectNode()
                    .put("service", "github")
                    .put("name", "work")
                    .set("for", JSON.createArrayNode().add("create_issue")))
            .expecting(201)
            .body();
    String connection = "/api/v1/connections/" + begun.path("id").asText();
    String page = consent(browser, begun);
    JsonNode area = Areas.createLive(owner, filingIssues());
    JsonNode subscribed = Areas.createLive(owner, commentingIssues("github", "work"));

    // when
    String webhook =
        Await.until("the webhook", PATIENCE, github.webhooks::values, set -> set.size() == 1)
            .iterator()
            .next();
    byte[] payload = deliverAsGithub(subscribed, webhook);
    Await.until("the comment", PATIENCE, github.posts::size, n -> n == 1);
    String comment = github.posts.removeFirst();
    deliver(owner, area, "first");
    Await.until("the first issue", PATIENCE, github.posts::size, n -> n == 1);
    github.forgetAccessTokens();
    deliver(owner, area, "second");
    Await.until("the second issue", PATIENCE, github.posts::size, n -> n == 2);
    github.revoke();
    deliver(owner, area, "third");
    JsonNode waiting = awaitWaiting(owner, area);
    JsonNode broken = Areas.awaitStatus(owner, area.path("id").asText(), "error");
    JsonNode refused = owner.get(connection).expecting(200).body();
    consent(
        browser,
        owner.post(connection + "/authorize", JSON.createObjectNode()).expecting(200).body());
    Await.until("the issue that waited for it", PATIENCE, github.posts::size, n -> n == 3);
    Areas.awaitStatus(owner, area.path("id").asText(), "live");
    deliver(owner, area, "fourth");
    Await.until("an issue of the new consent", PATIENCE, github.posts::size, n -> n == 4);

    // then
    assertThat(JSON.readTree(webhook).at("/config/url").asText())
        .isEqualTo(Areas.hookUrl(subscribed).toString());
    assertThat(comment)
        .isEqualTo(
            "/repos/Codertocat/Hello-World/issues/%s/comments {\"body\":\"Thank you.\"}"
                .formatted(JSON.readTree(payload).at("/issue/number").asText()));
    assertThat(page).contains("GitHub is connected as octocat.");
    assertThat(github.posts)
        .containsExactly(
            "/repos/octo/hello/issues {\"title\":\"first\"}",
            "/repos/octo/hello/issues {\"title\":\"second\"}",
            "/repos/octo/hello/issues {\"title\":\"third\"}",
            "/repos/octo/hello/issues {\"title\":\"fourth\"}");
    assertThat(github.refreshes.get()).isEqualTo(1);
    assertThat(waiting.at("/steps/0/error/class").asText()).isEqualTo("reauthorize");
    assertThat(waiting.at("/steps/0/error/message").asText())
        .endsWith("its connection \"work\" has to be connected again");
    assertThat(broken.path("statusReason").asText())
        .isEqualTo("The connection \"work\" to github has to be connected again.");
    assertThat(refused.path("status").asText()).isEqualTo("reconnect");
  }

  /** A browser that is logged in. */
  private static HttpClient browser(URI api) throws Exception {
    HttpClient browser = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    String login = JSON.createObjectNode().put("email", EMAIL).put("password", PASSWORD).toString();
    HttpResponse<String> answer =
        browser.send(
            HttpRequest.newBuilder(api.resolve("/api/v1/sessions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(login))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return browser;
  }

  /** Consents at the provider and comes back; what the page says. */
  private static String consent(HttpClient browser, JsonNode begun) throws Exception {
    URI back = RotatingProvider.consent(URI.create(begun.path("authorizeUrl").asText()));
    HttpResponse<String> page =
        browser.send(HttpRequest.newBuilder(back).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
    return page.body();
  }

  private static ObjectNode filingIssues() {
    ObjectNode area = JSON.createObjectNode().put("name", "File issues");
    area.putObject("action")
        .put("service", "webhook")
        .put("action", "received")
        .putObject("inputs");
    area.putArray("reactions")
        .addObject()
        .put("id", "file")
        .put("service", "github")
        .put("connection", "work")
        .put("reaction", "create_issue")
        .putObject("inputs")
        .put("repository", "octo/hello")
        .put("title", "${event.text}");
    return area;
  }

  private static ObjectNode commentingIssues(String service, String connection) {
    ObjectNode area = JSON.createObjectNode().put("name", "Comment issues of " + service);
    area.putObject("action")
        .put("service", service)
        .put("action", "issue_opened")
        .put("connection", connection)
        .putObject("inputs")
        .put("repository", "Codertocat/Hello-World");
    area.putArray("reactions")
        .addObject()
        .put("id", "thank")
        .put("service", service)
        .put("connection", connection)
        .put("reaction", "create_comment")
        .putObject("inputs")
        .put("repository", "${event.repository.full_name}")
        .put("number", "${event.issue.number}")
        .put("body", "Thank you.");
    return area;
  }

  /** The payload of GitHub's sample, with the secret that the webhook was set up with. */
  private byte[] deliverAsGithub(JsonNode area, String webhook) throws Exception {
    byte[] payload = JSON.writeValueAsBytes(sample("github"));
    deliver(area, payload, webhook);
    return payload;
  }

  private JsonNode sample(String service) throws Exception {
    return owner
        .get("/api/v1/services/" + service + "/actions/issue_opened")
        .expecting(200)
        .body()
        .path("sample");
  }

  private void deliver(JsonNode area, byte[] payload, String webhook) throws Exception {
    String secret = JSON.readTree(webhook).at("/config/secret").asText();
    owner
        .deliver(
            Areas.hookUrl(area),
            payload,
            GithubSignature.headers("issues", UUID.randomUUID().toString(), secret, payload))
        .expecting(202);
  }

  private static void deliver(AreaClient owner, JsonNode area, String text) throws Exception {
    owner
        .deliver(
            Areas.hookUrl(area),
            JSON.createObjectNode().put("text", text).toString().getBytes(StandardCharsets.UTF_8),
            Map.of("Content-Type", "application/json"))
        .expecting(202);
  }

  /** The run that waits for its owner. */
  private static JsonNode awaitWaiting(AreaClient owner, JsonNode area) throws Exception {
    String runs = "/api/v1/runs?area=" + area.path("id").asText() + "&status=running";
    return waiting(owner.await(runs, PATIENCE, answer -> waiting(answer.body()).isPresent()).body())
        .orElseThrow();
  }

  /** One before it may still be shown as running. */
  private static Optional<JsonNode> waiting(JsonNode runs) {
    return StreamSupport.stream(runs.path("items").spliterator(), false)
        .filter(run -> run.at("/steps/0/status").asText().equals("waiting"))
        .filter(run -> run.at("/steps/0/error/message").asText().endsWith("connected again"))
        .findFirst();
  }
}
