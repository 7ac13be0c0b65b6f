package dev.areaflow.api.subscriptions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.api.connections.RotatingProvider;
import dev.areaflow.catalog.connections.StoredCredentials;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SubscriptionsTest {
  private static final String AREAS = "/api/v1/areas";

  private final RotatingProvider github = new RotatingProvider();
  private final AreaApi areas = new AreaApi(github.settings());
  private final StoredCredentials credentials = areas.credentials();
  private final Subscriptions subscriptions = areas.subscriptions(credentials);
  private ContractClient user = areas.api().newUser();
  private String connection = "";

  @BeforeEach
  void connect() throws Exception {
    user = areas.api().newUser();
    JsonNode begun =
        user.post(
                "/api/v1/connections",
                Map.of("service", "github", "name", "work", "for", List.of("issue_opened")))
            .expect(201)
            .body();
    connection = "/api/v1/connections/" + begun.path("id").asText();
    consent(begun);
    github.webhooks.clear();
    github.forbidden = false;
  }

  private void consent(JsonNode begun) throws Exception {
    Map<String, String> shown = new HashMap<>();
    for (String pair :
        RotatingProvider.consent(URI.create(begun.path("authorizeUrl").asText()))
            .getQuery()
            .split("&", -1)) {
      shown.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
    }
    user.post(connection + "/code", Map.of("state", shown.get("state"), "code", shown.get("code")))
        .expect(200);
  }

  @AfterEach
  void backToNow() {
    areas.api().clock().reset();
  }

  @AfterAll
  void close() {
    credentials.close();
    areas.close();
    github.close();
  }

  private static ObjectNode triage(String repository) {
    ObjectNode area = AreaApi.bugTriage("Triage");
    area.withObject("/action").put("connection", "work");
    area.withObject("/action/inputs").put("repository", repository);
    return area;
  }

  private JsonNode create(String repository) {
    return user.post(AREAS, triage(repository)).expect(201).body();
  }

  private static String path(JsonNode area) {
    return AREAS + "/" + area.path("id").asText();
  }

  private JsonNode subscription(JsonNode area) {
    return user.get(path(area)).expect(200).body().at("/hook/subscription");
  }

  /** The webhooks of an AREA's hook: other tests' hooks are set up, too. */
  private List<String> webhooks(JsonNode area) {
    return github.webhooks.values().stream()
        .filter(webhook -> webhook.contains("\"" + area.at("/hook/url").asText() + "\""))
        .toList();
  }

  private static String id(String webhook) {
    return AreaApi.json(webhook).path("id").asText();
  }

  @Test
  void aWebhookIsSetUpOnceAndSignedWithTheHooksSecret() {
    // given
    JsonNode area = create("octo/hello");

    // when
    JsonNode before = user.get(path(area)).expect(200).body();
    subscriptions.run();
    subscriptions.run();

    // then
    assertThat(before.path("status").asText()).isEqualTo("pending");
    assertThat(before.path("statusReason").asText())
        .isEqualTo("Its webhook is being set up at the service.");
    assertThat(webhooks(area))
        .singleElement()
        .satisfies(
            webhook ->
                assertThat(webhook)
                    .contains("\"events\":[\"issues\"]")
                    .contains("\"url\":\"" + area.at("/hook/url").asText() + "\"")
                    .contains("\"secret\":\"" + area.at("/hook/secret").asText() + "\""));
    assertThat(subscription(area).path("status").asText()).isEqualTo("active");
  }

  @Test
  void aWebhookThatACrashForgotIsFoundAndNotSetUpTwice() {
    // given
    JsonNode area = create("octo/hello");
    subscriptions.run();

    // when
    areas.api().database().jdbi().useHandle(handle -> handle.execute("DELETE FROM subscriptions"));
    subscriptions.run();

    // then
    assertThat(webhooks(area)).hasSize(1);
    assertThat(subscription(area).path("status").asText()).isEqualTo("active");
  }

  @Test
  void withItsLastAreaTheWebhookGoes() {
    // given
    JsonNode area = create("octo/hello");
    subscriptions.run();

    // when
    user.delete(path(area)).expect(204);
    subscriptions.run();

    // then
    assertThat(webhooks(area)).isEmpty();
  }

  @Test
  void anotherRepositoryGetsItsOwn() {
    // given
    JsonNode area = create("octo/hello");
    subscriptions.run();
    String first = webhooks(area).getFirst();

    // when
    user.with("If-Match", "\"1\"").put(path(area), triage("octo/other")).expect(200);
    subscriptions.run();

    // then
    assertThat(webhooks(area)).hasSize(1).doesNotContain(first);
  }

  @Test
  void anotherSecretIsPutInPlaceSoThatNothingIsMissed() {
    // given
    JsonNode area = create("octo/hello");
    subscriptions.run();
    String before = id(webhooks(area).getFirst());

    // when
    String secret =
        user.post("/api/v1/hooks/" + area.at("/hook/id").asText() + "/secret", Map.of())
            .expect(200)
            .field("secret");
    subscriptions.run();

    // then
    assertThat(webhooks(area)).singleElement().asString().contains(secret);
    assertThat(id(webhooks(area).getFirst())).isEqualTo(before);
  }

  @Test
  void anAccountThatMayNotSaysSoAndIsTriedAgainLater() {
    // given
    github.forbidden = true;
    JsonNode area = create("octo/hello");

    // when
    subscriptions.run();
    JsonNode refused = user.get(path(area)).expect(200).body();
    github.forbidden = false;
    areas.api().clock().advance(Duration.ofHours(2));
    subscriptions.run();

    // then
    assertThat(refused.path("status").asText()).isEqualTo("error");
    assertThat(refused.path("statusReason").asText())
        .startsWith("GitHub does not let the webhook be set up: it answered with status 404.")
        .contains("set the webhook up by hand");
    assertThat(subscription(area).path("status").asText()).isEqualTo("active");
  }

  @Test
  void anotherConsentHasItTriedAtOnce() throws Exception {
    // given
    github.forbidden = true;
    JsonNode area = create("octo/hello");
    subscriptions.run();
    String refused = subscription(area).path("status").asText();
    github.forbidden = false;

    // when
    subscriptions.run();
    String still = subscription(area).path("status").asText();
    consent(user.post(connection + "/authorize").expect(200).body());
    subscriptions.run();

    // then
    assertThat(refused).isEqualTo("failed");
    assertThat(still).isEqualTo("failed");
    assertThat(subscription(area).path("status").asText()).isEqualTo("active");
  }

  @Test
  void aWebhookThatSomebodyRemovedComesBack() {
    // given
    JsonNode area = create("octo/hello");
    subscriptions.run();
    github.webhooks.clear();

    // when
    areas.api().clock().advance(Duration.ofHours(7));
    subscriptions.run();

    // then
    assertThat(webhooks(area)).hasSize(1);
    assertThat(subscription(area).path("status").asText()).isEqualTo("active");
  }

  @Test
  void whatTheServiceHasToKnowIsAskedForAtOnce() {
    // given
    ObjectNode area = triage("octo/hello");
    area.withObject("/action/inputs").remove("repository");

    // then
    assertThat(user.post(AREAS, area).expect(422).pointers())
        .containsExactly("/action/inputs/repository");
  }

  @Test
  void withoutAConnectionPeopleSeeToIt() {
    // given
    JsonNode area = user.post(AREAS, AreaApi.bugTriage("By hand")).expect(201).body();

    // when
    subscriptions.run();

    // then
    assertThat(webhooks(area)).isEmpty();
    assertThat(subscription(area).isMissingNode()).isTrue();
  }
}
