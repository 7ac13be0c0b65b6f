package dev.areaflow.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.connections.RotatingProvider;
import dev.areaflow.launcher.Platform;
import dev.areaflow.launcher.client.AreaClient;
import dev.areaflow.launcher.client.GithubSignature;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accounts, from the person who connects them to the calls that carry them. */
class ConnectionsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String EMAIL = "account@example.org";
  private static final String PASSWORD = "correct horse battery";

  @Test
  void aConsentedAccountIsOnTheCallsUntilTheConsentIsWithdrawnAndGivenAgain(@TempDir Path folder)
      throws Exception {
    try (RotatingProvider github = new RotatingProvider();
        Platform platform = Platforms.on(folder, github.settings())) {
      // given
      platform.start(Platforms.SILENT, PATIENCE.multipliedBy(2));
      AreaClient owner = new AreaClient(platform.api()).signUp(EMAIL, PASSWORD);
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
      JsonNode subscribed = Areas.createLive(owner, commentingIssues());

      // when
      String webhook = github.webhooks.values().iterator().next();
      byte[] payload = deliverAsGithub(owner, subscribed, webhook);
      Await.until("the comment", PATIENCE, github.posts::size, n -> n == 1);
      String comment = github.posts.removeFirst();
      deliver(owner, area, "first");
      Await.until("the first issue", PATIENCE, github.posts::size, n -> n == 1);
      github.forgetAccessTokens();
      deliver(owner, area, "second");
      Await.until("the second issue", PATIENCE, github.posts::size, n -> n == 2);
      github.revoke();
      deliver(owner, area, "third");
      JsonNode failed = awaitRun(owner, area, "failed");
      JsonNode broken = Areas.awaitStatus(owner, area.path("id").asText(), "error");
      JsonNode refused = owner.get(connection).expecting(200).body();
      consent(
          browser,
          owner.post(connection + "/authorize", JSON.createObjectNode()).expecting(200).body());
      Areas.awaitStatus(owner, area.path("id").asText(), "live");
      deliver(owner, area, "fourth");
      Await.until("an issue of the new consent", PATIENCE, github.posts::size, n -> n == 3);

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
              "/repos/octo/hello/issues {\"title\":\"fourth\"}");
      assertThat(github.refreshes.get()).isEqualTo(1);
      assertThat(failed.at("/steps/0/error/class").asText()).isEqualTo("reauthorize");
      assertThat(broken.path("statusReason").asText())
          .isEqualTo("The connection \"work\" to github has to be connected again.");
      assertThat(refused.path("status").asText()).isEqualTo("reconnect");
    }
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

  private static ObjectNode commentingIssues() {
    ObjectNode area = JSON.createObjectNode().put("name", "Comment issues");
    area.putObject("action")
        .put("service", "github")
        .put("action", "issue_opened")
        .put("connection", "work")
        .putObject("inputs")
        .put("repository", "Codertocat/Hello-World");
    area.putArray("reactions")
        .addObject()
        .put("id", "thank")
        .put("service", "github")
        .put("connection", "work")
        .put("reaction", "create_comment")
        .putObject("inputs")
        .put("repository", "${event.repository.full_name}")
        .put("number", "${event.issue.number}")
        .put("body", "Thank you.");
    return area;
  }

  /** With the secret that the webhook was set up with. */
  private static byte[] deliverAsGithub(AreaClient owner, JsonNode area, String webhook)
      throws Exception {
    JsonNode action =
        owner.get("/api/v1/services/github/actions/issue_opened").expecting(200).body();
    byte[] payload = JSON.writeValueAsBytes(action.path("sample"));
    String secret = JSON.readTree(webhook).at("/config/secret").asText();
    owner
        .deliver(
            Areas.hookUrl(area),
            payload,
            GithubSignature.headers("issues", UUID.randomUUID().toString(), secret, payload))
        .expecting(202);
    return payload;
  }

  private static void deliver(AreaClient owner, JsonNode area, String text) throws Exception {
    owner
        .deliver(
            Areas.hookUrl(area),
            JSON.createObjectNode().put("text", text).toString().getBytes(StandardCharsets.UTF_8),
            Map.of("Content-Type", "application/json"))
        .expecting(202);
  }

  private static JsonNode awaitRun(AreaClient owner, JsonNode area, String status)
      throws Exception {
    String runs = "/api/v1/runs?area=" + area.path("id").asText() + "&status=" + status;
    JsonNode run =
        owner
            .await(runs, PATIENCE, answer -> answer.body().path("items").size() == 1)
            .body()
            .at("/items/0");
    return owner.get("/api/v1/runs/" + run.path("id").asText()).expecting(200).body();
  }
}
