package dev.areaflow.api.connections;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.TestApi;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.catalog.connections.Authorized;
import dev.areaflow.catalog.connections.StoredCredentials;
import dev.areaflow.catalog.http.OutboundRequest;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The consent flow and the renewal of tokens, against a provider that rotates them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConsentsTest {
  private static final String PATH = "/api/v1/connections";
  private static final Pattern PARAMETER = Pattern.compile("[?&]([a-z_]+)=([^&]*)");

  private final RotatingProvider provider = new RotatingProvider();
  private final AreaApi areas = new AreaApi(provider.settings());
  private ContractClient user = areas.api().newUser();
  private String email = "";

  @BeforeEach
  void newUser() {
    email = areas.api().signUp();
    user = areas.api().logIn(email);
    provider.lifetime = 3_600;
    provider.scope = null;
    provider.down = false;
  }

  @AfterAll
  void close() {
    areas.close();
    provider.close();
  }

  private JsonNode begin(String name) {
    return user.post(PATH, Map.of("service", "github", "name", name)).expect(201).body();
  }

  private JsonNode begin(String name, String... uses) {
    return user.post(PATH, Map.of("service", "github", "name", name, "for", List.of(uses)))
        .expect(201)
        .body();
  }

  private static String asked(JsonNode begun) {
    return parameters(URI.create(begun.path("authorizeUrl").asText())).getOrDefault("scope", "");
  }

  /** An AREA that makes an issue and stars its repository with a connection. */
  private static ObjectNode starring(String name, String connection) {
    ObjectNode area = AreaApi.webhook(name, "none");
    area.withArray("reactions").removeAll();
    for (String reaction : List.of("create_gist", "star_repository")) {
      area.withArray("reactions")
          .addObject()
          .put("service", "github")
          .put("connection", connection)
          .put("reaction", reaction);
    }
    area.withObject("/reactions/0/inputs").withObject("/files/log.md").put("content", "It was.");
    area.withObject("/reactions/1/inputs").put("repository", "octo/hello");
    return area;
  }

  private static URI consent(JsonNode begun) throws IOException {
    return RotatingProvider.consent(URI.create(begun.path("authorizeUrl").asText()));
  }

  /** The provider's redirect, followed by a browser that has that user's session. */
  private Exchange comeBack(URI redirect, String asUser) {
    String cookie =
        areas
            .api()
            .anyone()
            .post("/api/v1/sessions", Map.of("email", asUser, "password", TestApi.PASSWORD))
            .expect(200)
            .header("Set-Cookie")
            .orElseThrow()
            .split(";", 2)[0];
    return areas
        .api()
        .anyone()
        .with("Cookie", cookie)
        .get(redirect.getRawPath() + "?" + redirect.getRawQuery());
  }

  private JsonNode connected(String name) throws IOException {
    JsonNode begun = begin(name);
    comeBack(consent(begun), email).expect(200);
    return show(begun);
  }

  private JsonNode show(JsonNode connection) {
    return user.get(PATH + "/" + connection.path("id").asText()).expect(200).body();
  }

  private static Map<String, String> parameters(URI address) {
    Matcher matcher = PARAMETER.matcher(address.toString());
    Map<String, String> found = new java.util.HashMap<>();
    while (matcher.find()) {
      found.put(matcher.group(1), URLDecoder.decode(matcher.group(2), StandardCharsets.UTF_8));
    }
    return found;
  }

  private Authorized authorize(StoredCredentials credentials, JsonNode connection) {
    return credentials.authorize(
        user.get("/api/v1/users/me").expect(200).field("id"),
        connection.path("id").asText(),
        "github",
        new OutboundRequest(
            "GET",
            URI.create("http://" + provider.authority() + "/user"),
            Map.of(),
            Optional.empty()));
  }

  private void endsIn(JsonNode connection, Duration left) {
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate("UPDATE connections SET expires_at = :at WHERE id = :id")
                    .bind("at", java.time.Instant.now().plus(left))
                    .bind("id", java.util.UUID.fromString(connection.path("id").asText()))
                    .execute());
  }

  @Test
  void aConsentConnectsTheAccount() throws IOException {
    // given
    JsonNode begun = begin("work");

    // when
    URI redirect = consent(begun);
    Exchange page = comeBack(redirect, email);

    // then
    assertThat(begun.path("status").asText()).isEqualTo("pending");
    assertThat(parameters(URI.create(begun.path("authorizeUrl").asText())))
        .doesNotContainKey("scope")
        .containsEntry("redirect_uri", AreaApi.REDIRECT.toString())
        .containsEntry("code_challenge_method", "S256");
    assertThat(page.expect(200).text()).contains("GitHub is connected as octocat.");
    assertThat(show(begun).path("status").asText()).isEqualTo("connected");
    assertThat(show(begun).path("account").asText()).isEqualTo("octocat");
    assertThat(show(begun).path("authorizeUrl").isNull()).isTrue();
    JsonNode acts =
        user.get("/api/v1/audit?subject=" + begun.path("id").asText()).expect(200).body();
    assertThat(acts.path("items").findValuesAsText("kind"))
        .contains("connection.consent", "connection.create");
    assertThat(acts.toString()).doesNotContain(parameters(redirect).get("code"));
  }

  @Test
  void aStateWorksOnceAndForWhoAskedOnly() throws IOException {
    // given
    JsonNode begun = begin("work");
    URI redirect = consent(begun);
    String stranger = areas.api().signUp();

    // when
    Exchange nobody =
        areas.api().anyone().get(redirect.getRawPath() + "?" + redirect.getRawQuery());
    Exchange other = comeBack(redirect, stranger);
    Exchange own = comeBack(redirect, email);
    Exchange again = comeBack(redirect, email);

    // then
    assertThat(nobody.expect(403).text()).contains("Not logged in as who asked");
    other.expect(403);
    own.expect(200);
    assertThat(again.expect(400).text()).contains("This link does not work any more");
  }

  @Test
  void whoHasNoBrowserSessionFinishesOverTheApi() throws IOException {
    // given
    JsonNode begun = begin("work");
    Map<String, String> shown = parameters(consent(begun));
    String path = PATH + "/" + begun.path("id").asText() + "/code";
    ContractClient stranger = areas.api().newUser();

    // when
    stranger.post(path, Map.of("state", shown.get("state"), "code", shown.get("code"))).expect(404);
    Exchange finished =
        user.post(path, Map.of("state", shown.get("state"), "code", shown.get("code")));

    // then
    assertThat(finished.expect(200).field("status")).isEqualTo("connected");
  }

  @Test
  void aConsentAsksForWhatItIsToBeGoodFor() {
    // when
    JsonNode begun = begin("work", "github.create_issue", "star_repository", "create_gist");
    Exchange wrong =
        user.post(
            PATH,
            Map.of(
                "service",
                "github",
                "name",
                "other",
                "for",
                List.of("create_isue"),
                "scopes",
                List.of("two scopes")));

    // then
    assertThat(asked(begun)).isEqualTo("repo gist");
    assertThat(wrong.expect(422).pointers()).containsExactly("/for/0", "/scopes/0");
    assertThat(wrong.body().at("/errors/0/detail").asText())
        .isEqualTo(
            "The service github has no action, reaction or options \"create_isue\"; did you mean"
                + " \"create_issue\"?");
  }

  @Test
  void whatReactionsWithinOthersNeedIsKnown() throws IOException {
    // given
    JsonNode connection = connected("work");
    ObjectNode area = AreaApi.webhook("Nested", "none");
    ObjectNode starring = starring("Star", "work");
    area.withArray("reactions")
        .addObject()
        .putArray("choose")
        .addObject()
        .putArray("reactions")
        .add(starring.at("/reactions/0"));
    area.withArray("onError").add(starring.at("/reactions/1"));

    // when
    JsonNode saved = user.post("/api/v1/areas", area).expect(201).body();

    // then
    assertThat(saved.at("/needsConsent/0/scopes"))
        .extracting(JsonNode::asText)
        .containsExactly("gist", "public_repo");
    assertThat(show(connection).path("missingScopes")).hasSize(2);
  }

  @Test
  void anAreaThatNeedsMoreIsSavedAndSaysSoUntilTheConsentIsGiven() throws IOException {
    // given
    JsonNode connection = connected("work");
    String path = PATH + "/" + connection.path("id").asText();

    // when
    JsonNode saved = user.post("/api/v1/areas", starring("Star", "work")).expect(201).body();
    JsonNode lacking = show(connection);
    JsonNode begun = user.post(path + "/authorize").expect(200).body();
    provider.scope = "gist,public_repo";
    comeBack(consent(begun), email).expect(200);
    JsonNode area = user.get("/api/v1/areas/" + saved.path("id").asText()).expect(200).body();
    JsonNode more =
        user.post(path + "/authorize", Map.of("scopes", List.of("workflow"))).expect(200).body();

    // then
    assertThat(connection.path("scopes")).isEmpty();
    assertThat(saved.path("status").asText()).isEqualTo("error");
    assertThat(saved.path("statusReason").asText())
        .isEqualTo(
            "The connection \"work\" to github needs consent to more: gist, public_repo; POST "
                + path
                + "/authorize answers where to give it.");
    assertThat(saved.at("/needsConsent/0/authorize").asText()).isEqualTo(path + "/authorize");
    assertThat(saved.at("/needsConsent/0/scopes")).hasSize(2);
    assertThat(lacking.path("status").asText()).isEqualTo("connected");
    assertThat(lacking.path("missingScopes")).hasSize(2);
    assertThat(asked(begun)).isEqualTo("gist public_repo");
    assertThat(area.path("status").asText()).isEqualTo("pending");
    assertThat(area.path("needsConsent")).isEmpty();
    assertThat(asked(more)).isEqualTo("gist public_repo workflow");
    assertThat(show(connection).path("missingScopes")).isEmpty();
  }

  @Test
  void theFirstConsentInThePlaceOfATokenAsksForAllThatIsNeeded() throws IOException {
    // given
    JsonNode connection = connected("work");
    String path = PATH + "/" + connection.path("id").asText();
    JsonNode saved = user.post("/api/v1/areas", starring("Star", "work")).expect(201).body();
    provider.accept("ghp_own");

    // when
    JsonNode entered =
        user.put(path + "/credentials", Map.of("credentials", Map.of("token", "ghp_own")))
            .expect(200)
            .body();
    JsonNode area = user.get("/api/v1/areas/" + saved.path("id").asText()).expect(200).body();
    JsonNode begun = user.post(path + "/authorize").expect(200).body();

    // then
    assertThat(entered.path("scopes").isNull()).isTrue();
    assertThat(entered.path("missingScopes")).isEmpty();
    assertThat(area.path("status").asText()).isEqualTo("pending");
    assertThat(asked(begun)).isEqualTo("gist public_repo");
  }

  @Test
  void whatAPersonTookOutOfAConsentIsMissing() throws IOException {
    // given
    JsonNode begun = begin("work");
    JsonNode area = user.post("/api/v1/areas", starring("Star", "work")).expect(201).body();

    // when
    provider.scope = "public_repo";
    Exchange page = comeBack(consent(begun), email);

    // then
    assertThat(page.expect(200).text())
        .contains(
            "GitHub is connected as octocat, but some of your AREAs need consent to more: gist.");
    assertThat(area.at("/needsConsent/0/scopes")).hasSize(2);
    assertThat(show(begun).path("scopes").toString()).isEqualTo("[\"public_repo\"]");
    assertThat(show(begun).path("missingScopes").toString()).isEqualTo("[\"gist\"]");
  }

  @Test
  void aStateFinishesNoOtherConnectionAndStaysGood() throws IOException {
    // given
    JsonNode begun = begin("work");
    JsonNode other = begin("home");
    Map<String, String> shown = parameters(consent(begun));
    Map<String, String> body = Map.of("state", shown.get("state"), "code", shown.get("code"));
    String path = PATH + "/" + begun.path("id").asText() + "/code";

    // when
    Exchange mismatch = user.post(PATH + "/" + other.path("id").asText() + "/code", body);
    Exchange finished = user.post(path, body);

    // then
    assertThat(mismatch.expect(409).pointers()).containsExactly("/state");
    assertThat(mismatch.field("detail"))
        .isEqualTo("This state is of the consent to another connection: POST " + path + ".");
    assertThat(finished.expect(200).field("status")).isEqualTo("connected");
    assertThat(show(other).path("status").asText()).isEqualTo("pending");
  }

  @Test
  void aTestRenewsATokenThatEnded() throws IOException {
    // given
    JsonNode connection = connected("work");
    endsIn(connection, Duration.ofSeconds(-1));
    provider.forgetAccessTokens();

    // when
    JsonNode tested =
        user.post(PATH + "/" + connection.path("id").asText() + "/test", Map.of())
            .expect(200)
            .body();

    // then
    assertThat(tested.path("status").asText()).isEqualTo("connected");
    assertThat(tested.path("problem").isNull()).isTrue();
  }

  @Test
  void aTokenThatLivesForMinutesIsUsedForMostOfThem() throws IOException {
    // given
    provider.lifetime = 120;
    JsonNode connection = connected("work");
    int before = provider.refreshes.get();

    // when
    try (StoredCredentials first = areas.credentials();
        StoredCredentials second = areas.credentials()) {
      authorize(first, connection);
      int fresh = provider.refreshes.get();
      endsIn(connection, Duration.ofSeconds(29));
      authorize(second, connection);

      // then
      assertThat(fresh).isEqualTo(before);
      assertThat(provider.refreshes.get()).isEqualTo(before + 1);
    }
  }

  @Test
  void aConsentThatIsNotGivenSaysSoAndCanBeAskedForAgain() throws IOException {
    // given
    JsonNode begun = begin("work");
    String state = parameters(URI.create(begun.path("authorizeUrl").asText())).get("state");

    // when
    Exchange denied =
        comeBack(
            URI.create(
                "https://areaflow.example.org/oauth2/callback?error=access_denied&state=" + state),
            email);
    JsonNode pending = show(begun);
    JsonNode anew =
        user.post(PATH + "/" + begun.path("id").asText() + "/authorize", Map.of())
            .expect(200)
            .body();
    comeBack(consent(anew), email).expect(200);

    // then
    assertThat(denied.expect(400).text()).contains("GitHub says: access_denied");
    assertThat(pending.path("status").asText()).isEqualTo("pending");
    assertThat(pending.path("problem").asText()).isEqualTo("GitHub says: access_denied");
    assertThat(show(begun).path("status").asText()).isEqualTo("connected");
  }

  @Test
  void fiftyCallersInThreeProcessesRenewATokenOnce() throws Exception {
    // given
    JsonNode connection = connected("work");
    endsIn(connection, Duration.ofSeconds(-1));
    int before = provider.refreshes.get();
    List<StoredCredentials> processes =
        List.of(areas.credentials(), areas.credentials(), areas.credentials());
    List<Callable<Authorized>> calls = new ArrayList<>();
    for (int call = 0; call < 50; call++) {
      StoredCredentials process = processes.get(call % processes.size());
      calls.add(() -> authorize(process, connection));
    }

    // when
    List<Authorized> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Authorized> answer : threads.invokeAll(calls)) {
        answers.add(answer.get());
      }
    } finally {
      processes.forEach(StoredCredentials::close);
    }

    // then
    assertThat(provider.refreshes.get() - before).isEqualTo(1);
    assertThat(answers)
        .allSatisfy(
            answer ->
                assertThat(answer)
                    .isInstanceOfSatisfying(
                        Authorized.Ready.class,
                        ready ->
                            assertThat(
                                    provider.accepts(
                                        ready.request().headers().get("Authorization")))
                                .isTrue()));
  }

  @Test
  void aTokenIsRenewedBeforeItEndsAndDoesWhileTheProviderIsDown() throws IOException {
    // given
    JsonNode connection = connected("work");
    endsIn(connection, Duration.ofMinutes(2));
    provider.down = true;

    // when
    try (StoredCredentials first = areas.credentials();
        StoredCredentials second = areas.credentials();
        StoredCredentials third = areas.credentials()) {
      Authorized meanwhile = authorize(first, connection);
      endsIn(connection, Duration.ofSeconds(-1));
      Authorized ended = authorize(second, connection);
      String still = show(connection).path("status").asText();
      provider.down = false;
      Authorized renewed = authorize(third, connection);

      // then
      assertThat(meanwhile).isInstanceOf(Authorized.Ready.class);
      assertThat(ended).isInstanceOf(Authorized.Away.class);
      assertThat(still).isEqualTo("connected");
      assertThat(renewed).isInstanceOf(Authorized.Ready.class);
    }
  }

  @Test
  void aRefusedTokenIsRenewedAndARevokedConsentHasToBeGivenAgain() throws IOException {
    // given
    JsonNode connection = connected("work");

    // when
    try (StoredCredentials credentials = areas.credentials()) {
      provider.forgetAccessTokens();
      Authorized.Ready refused = (Authorized.Ready) authorize(credentials, connection);
      boolean again = credentials.refused(refused.lease(), "answered with status 401");
      Authorized.Ready renewed = (Authorized.Ready) authorize(credentials, connection);
      boolean good = provider.accepts(renewed.request().headers().get("Authorization"));
      provider.revoke();
      boolean once = credentials.refused(renewed.lease(), "answered with status 401");
      Authorized revoked = authorize(credentials, connection);
      JsonNode asked = show(connection);
      comeBack(
          consent(
              user.post(PATH + "/" + connection.path("id").asText() + "/authorize", Map.of())
                  .expect(200)
                  .body()),
          email);
      Authorized mended = authorize(credentials, connection);

      // then
      assertThat(again).isTrue();
      assertThat(good).isTrue();
      assertThat(once).isTrue();
      assertThat(revoked).isInstanceOf(Authorized.Reconnect.class);
      assertThat(mended).isInstanceOf(Authorized.Ready.class);
      assertThat(asked.path("status").asText()).isEqualTo("reconnect");
      assertThat(asked.path("problem").asText())
          .isEqualTo("github does not renew its token: invalid_grant: The grant is not good.");
    }
  }

  @Test
  void withoutAClientOfTheOperatorsAServiceSaysWhatToSet() {
    // given
    try (AreaApi unconfigured = new AreaApi()) {
      ContractClient someone = unconfigured.api().newUser();

      // when
      Exchange refused = someone.post(PATH, Map.of("service", "github", "name", "work"));

      // then
      assertThat(refused.expect(422).field("detail"))
          .isEqualTo(
              "GitHub is not configured by the operator: set AREA_SERVICE_GITHUB_CLIENT_ID and"
                  + " AREA_SERVICE_GITHUB_CLIENT_SECRET; or give a token of your own as"
                  + " credentials.");
    }
  }
}
