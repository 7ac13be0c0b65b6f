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
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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
    github.webhooks.clear();
    github.forbidden = false;
    github.pageSize = 100;
    github.away = false;
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
    ObjectNode pushed = triage("octo/hello");
    pushed.remove("when");
    pushed.withObject("/action").put("action", "push");
    pushed.withObject("/reactions/0/inputs/body").removeAll().put("text", "Pushed");
    JsonNode area = user.post(AREAS, pushed).expect(201).body();

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
    assertThat(refused).isEqualTo("polled");
    assertThat(still).isEqualTo("polled");
    assertThat(subscription(area).path("status").asText()).isEqualTo("active");
  }

  @Test
  void whereItMayNotTheAreaIsPolledAndSaysSoUntilItMay() {
    // given
    github.forbidden = true;
    JsonNode area = create("octo/hello");
    served(area);

    // when
    subscriptions.run();
    final JsonNode refused = user.get(path(area)).expect(200).body();
    final JsonNode hook = user.get(hookPath(area)).expect(200).body();
    final Row row = row(area);
    github.forbidden = false;
    areas.api().clock().advance(Duration.ofHours(2));
    subscriptions.run();
    JsonNode allowed = user.get(path(area)).expect(200).body();

    // then
    assertThat(refused.path("status").asText()).isEqualTo("live");
    assertThat(refused.path("statusReason").asText())
        .startsWith("GitHub does not let the webhook be set up: it answered with status 404.")
        .endsWith("Until it is set up, the service is asked for events instead.");
    assertThat(hook.at("/subscription/status").asText()).isEqualTo("polled");
    assertThat(hook.at("/subscription/problem")).isEqualTo(refused.path("statusReason"));
    assertThat(row).isEqualTo(new Row(1, false));
    assertThat(allowed.at("/hook/subscription/status").asText()).isEqualTo("active");
    assertThat(allowed.path("status").asText()).isEqualTo("live");
    assertThat(allowed.path("statusReason").isNull()).isTrue();
    assertThat(row(area)).isEqualTo(new Row(2, true));
  }

  @Test
  void whatAPollFindsLateHasTheWebhookLookedForAtOnceAndOnce() {
    // given
    JsonNode area = create("octo/hello");
    subscriptions.run();
    Instant now = areas.api().clock().instant();
    delivered(area, now.minus(Duration.ofMinutes(20)));
    github.webhooks.clear();

    // when
    late(area, now.minus(Duration.ofMinutes(30)));
    subscriptions.run();
    final List<String> deliveredSince = webhooks(area);
    late(area, now.minus(Duration.ofMinutes(10)));
    subscriptions.run();
    final List<String> healed = webhooks(area);
    github.webhooks.clear();
    subscriptions.run();

    // then
    assertThat(deliveredSince).isEmpty();
    assertThat(healed).hasSize(1);
    assertThat(webhooks(area)).isEmpty();
  }

  @Test
  void aWebhookThatIsLostAndMayNotBeSetUpAnyMoreIsPolledFor() {
    // given
    JsonNode area = create("octo/hello");
    subscriptions.run();
    final Row before = row(area);
    github.webhooks.clear();
    github.forbidden = true;

    // when
    late(area, areas.api().clock().instant().minus(Duration.ofMinutes(10)));
    subscriptions.run();

    // then
    assertThat(before).isEqualTo(new Row(2, true));
    assertThat(row(area)).isEqualTo(new Row(3, false));
    assertThat(subscription(area).path("status").asText()).isEqualTo("polled");
  }

  @Test
  void aProviderThatIsAwayIsPolledUntilItsWebhookIsThereAndThenLosesNothing() {
    // given
    github.away = true;
    JsonNode area = create("octo/hello");

    // when
    subscriptions.run();
    final JsonNode before = subscription(area);
    github.away = false;
    areas.api().clock().advance(Duration.ofMinutes(1));
    subscriptions.run();
    github.away = true;
    areas.api().clock().advance(Duration.ofHours(7));
    subscriptions.run();

    // then
    assertThat(before.path("status").asText()).isEqualTo("polled");
    assertThat(before.path("problem").asText())
        .isEqualTo(
            "GitHub answered with status 503. Until it is set up, the service is asked for events"
                + " instead.");
    assertThat(subscription(area).path("status").asText()).isEqualTo("active");
    assertThat(row(area)).isEqualTo(new Row(2, true));
  }

  @Test
  void otherInputsArePolledForAtOnceUntilTheirWebhookIsThere() {
    // given
    JsonNode area = create("octo/hello");
    subscriptions.run();

    // when
    user.with("If-Match", "\"1\"").put(path(area), triage("octo/other")).expect(200);
    final Row changed = row(area);
    subscriptions.run();

    // then
    assertThat(changed).isEqualTo(new Row(3, false));
    assertThat(row(area)).isEqualTo(new Row(4, true));
  }

  @Test
  void aWebhookIsFoundOnWhicheverPageItIs() {
    // given
    github.pageSize = 2;
    JsonNode area = create("octo/hello");
    for (int i = 0; i < 5; i++) {
      github.webhooks.put(
          "1" + i, "{\"id\":1%d,\"config\":{\"url\":\"https://a.example\"}}".formatted(i));
    }
    subscriptions.run();
    String mine = webhooks(area).getFirst();
    String id = id(mine);

    // when
    areas.api().database().jdbi().useHandle(handle -> handle.execute("DELETE FROM subscriptions"));
    subscriptions.run();

    // then
    assertThat(id.compareTo("15")).isNegative();
    assertThat(github.webhooks.keySet().stream().sorted().limit(2)).doesNotContain(id);
    assertThat(webhooks(area)).containsExactly(mine);
  }

  @Test
  void tooManyPagesOfWebhooksMakeNoSecondOne() {
    // given
    github.pageSize = 1;
    JsonNode area = create("octo/hello");
    for (int i = 0; i < 12; i++) {
      github.webhooks.put("1" + i, "{\"id\":1%d}".formatted(i));
    }

    // when
    subscriptions.run();

    // then
    assertThat(webhooks(area)).isEmpty();
    assertThat(subscription(area).path("problem").asText())
        .startsWith("GitHub has more than 10 pages of webhooks there");
  }

  /** A hook as change data capture would tell of it. */
  private record Row(long version, boolean subscribed) {}

  private Row row(JsonNode area) {
    return areas
        .api()
        .database()
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery("SELECT version, subscribed FROM hooks WHERE id = :id")
                    .bind("id", hookId(area))
                    .map((row, _) -> new Row(row.getLong(1), row.getBoolean(2)))
                    .one());
  }

  private static UUID hookId(JsonNode area) {
    return UUID.fromString(area.at("/hook/id").asText());
  }

  private static String hookPath(JsonNode area) {
    return "/api/v1/hooks/" + area.at("/hook/id").asText();
  }

  private void execute(String statement, Object... arguments) {
    areas.api().database().jdbi().useHandle(handle -> handle.execute(statement, arguments));
  }

  /** As the topology says that it serves an AREA. */
  private void served(JsonNode area) {
    execute(
        "INSERT INTO area_status (area_id, home, version, state, at) VALUES (?, ?, 1, 'applied',"
            + " now())",
        UUID.fromString(area.path("id").asText()),
        area.at("/hook/id").asText());
  }

  private void delivered(JsonNode area, Instant at) {
    execute(
        "INSERT INTO hook_activity (hook_id, last_delivery_at, accepted, ignored)"
            + " VALUES (?, ?, 1, 0)",
        hookId(area),
        at.atOffset(ZoneOffset.UTC));
  }

  /** As a poll finds something of this time that was not delivered. */
  private void late(JsonNode area, Instant at) {
    execute(
        "INSERT INTO hook_polls (hook_id, last_polled_at, failures, late_item_at)"
            + " VALUES (?, now(), 0, ?)"
            + " ON CONFLICT (hook_id) DO UPDATE SET late_item_at = excluded.late_item_at",
        hookId(area),
        at.atOffset(ZoneOffset.UTC));
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
