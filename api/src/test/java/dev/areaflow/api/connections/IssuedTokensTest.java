package dev.areaflow.api.connections;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jwt.JWTParser;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.TestApi;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.api.login.MockIssuer;
import dev.areaflow.catalog.connections.Authorized;
import dev.areaflow.catalog.connections.StoredCredentials;
import dev.areaflow.catalog.http.OutboundRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens as an authorization server that is not ours issues them: by consent, and to a client that
 * acts for itself.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class IssuedTokensTest {
  private static final String PATH = "/api/v1/connections";
  private static final String HOST = "http://127.0.0.1:1";
  private static final String MANIFEST =
      """
      apiVersion: area/v1
      id: ID
      name: NAME
      version: 1.0.0
      description: Has an interface.
      http: {base_url: "https://api.example.org"}
      auth: AUTH
      actions: []
      reactions: []
      tests: {actions: {}, reactions: {}}
      """;

  private final MockIssuer issuer = new MockIssuer();
  private final RotatingProvider strict = new RotatingProvider();
  private final AreaApi areas;
  private ContractClient user;
  private String email = "";

  IssuedTokensTest(@TempDir Path services) throws IOException {
    String url = "'https://id.example.org'";
    write(
        services,
        "board",
        "{type: oauth2, authorize_url: "
            + url
            + ", token_url: "
            + url
            + ", scopes: [openid, read]}");
    write(
        services,
        "shop",
        "{type: oauth2_cc, token_url: " + url + ", scopes: [stock], secret_in: header}");
    write(services, "store", "{type: oauth2_cc, token_url: " + url + "}");
    Map<String, String> settings = new HashMap<>();
    settings.put("services.dir", services.toString());
    settings.put("egress.allow", issuer.authority() + "," + strict.authority());
    for (String id : List.of("board", "shop", "store")) {
      settings.put("service." + id + ".base-url", HOST);
      settings.put("service." + id + ".token-url", issuer.issuer() + "/token");
    }
    settings.put("service.board.authorize-url", issuer.issuer() + "/authorize");
    settings.put("service.board.client-id", MockIssuer.CLIENT);
    settings.put("service.board.client-secret", "board-secret");
    settings.put("service.shop.client-id", "operators-client");
    settings.put("service.shop.client-secret", "shop-secret");
    settings.put("service.store.token-url", "http://" + strict.authority() + "/token");
    this.areas = new AreaApi(settings);
    this.user = areas.api().anyone();
  }

  private static void write(Path services, String id, String auth) throws IOException {
    Files.writeString(
        Files.createDirectory(services.resolve(id)).resolve("manifest.yaml"),
        MANIFEST.replace("ID", id).replace("NAME", id).replace("AUTH", auth));
  }

  @BeforeAll
  void newUser() {
    email = areas.api().signUp();
    user = areas.api().logIn(email);
  }

  @AfterAll
  void close() {
    areas.close();
    issuer.close();
    strict.close();
  }

  private JsonNode connect(String service, Map<String, String> credentials) {
    Map<String, Object> body = new HashMap<>();
    body.put("service", service);
    body.put("name", UUID.randomUUID().toString());
    if (!credentials.isEmpty()) {
      body.put("credentials", credentials);
    }
    return user.post(PATH, body).expect(201).body();
  }

  private static Map<String, String> client(String id, String secret) {
    return Map.of("clientId", id, "clientSecret", secret);
  }

  private JsonNode show(JsonNode connection) {
    return user.get(PATH + "/" + connection.path("id").asText()).expect(200).body();
  }

  private Authorized authorize(StoredCredentials credentials, JsonNode connection) {
    return credentials.authorize(
        user.get("/api/v1/users/me").expect(200).field("id"),
        connection.path("id").asText(),
        connection.path("service").asText(),
        new OutboundRequest("GET", URI.create(HOST + "/things"), Map.of(), Optional.empty()));
  }

  private void endNow(JsonNode connection) {
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate("UPDATE connections SET expires_at = :at WHERE id = :id")
                    .bind("at", Instant.now().minusSeconds(1))
                    .bind("id", UUID.fromString(connection.path("id").asText()))
                    .execute());
  }

  private static String token(Authorized authorized) {
    assertThat(authorized).isInstanceOf(Authorized.Ready.class);
    String header =
        ((Authorized.Ready) authorized).request().headers().getOrDefault("Authorization", "");
    assertThat(header).startsWith("Bearer ");
    return header.substring("Bearer ".length());
  }

  /** Fifty callers in three processes want a token that has ended; the tokens that they get. */
  private Set<String> renewedByAll(JsonNode connection) throws Exception {
    endNow(connection);
    List<StoredCredentials> processes =
        List.of(areas.credentials(), areas.credentials(), areas.credentials());
    List<Callable<Authorized>> calls = new ArrayList<>();
    for (int call = 0; call < 50; call++) {
      StoredCredentials process = processes.get(call % processes.size());
      calls.add(() -> authorize(process, connection));
    }
    Set<String> tokens = new HashSet<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Authorized> answer : threads.invokeAll(calls)) {
        tokens.add(token(answer.get()));
      }
    } finally {
      processes.forEach(StoredCredentials::close);
    }
    return tokens;
  }

  private String current(JsonNode connection) {
    try (StoredCredentials credentials = areas.credentials()) {
      return token(authorize(credentials, connection));
    }
  }

  @Test
  void aConsentIsGivenInABrowserAndItsTokenRenewedOnceForAll() throws Exception {
    // given
    JsonNode begun = connect("board", Map.of());
    URI back = RotatingProvider.consent(URI.create(begun.path("authorizeUrl").asText()));
    String cookie =
        areas
            .api()
            .anyone()
            .post("/api/v1/sessions", Map.of("email", email, "password", TestApi.PASSWORD))
            .header("Set-Cookie")
            .orElseThrow()
            .split(";", 2)[0];

    // when
    Exchange page =
        areas
            .api()
            .anyone()
            .with("Cookie", cookie)
            .get(back.getRawPath() + "?" + back.getRawQuery());
    String first = current(begun);
    Set<String> renewed = renewedByAll(begun);

    // then
    assertThat(page.expect(200).text()).contains("board is connected.");
    assertThat(show(begun).path("scopes").toString()).isEqualTo("[\"openid\",\"read\"]");
    assertThat(JWTParser.parse(first).getJWTClaimsSet().getIssuer()).isEqualTo(issuer.issuer());
    assertThat(renewed).hasSize(1).doesNotContain(first);
    assertThat(renewed).containsExactly(current(begun));
  }

  @Test
  void aClientOfOnesOwnGetsATokenThatIsRenewedOnceForAll() throws Exception {
    // when
    JsonNode made = connect("shop", client("own-client", "s3cret"));
    String first = current(made);
    Set<String> renewed = renewedByAll(made);

    // then
    assertThat(made.path("status").asText()).isEqualTo("connected");
    assertThat(JWTParser.parse(first).getJWTClaimsSet().getSubject()).isEqualTo("own-client");
    assertThat(renewed).hasSize(1).doesNotContain(first);
    assertThat(renewed).containsExactly(current(made));
  }

  @Test
  void withoutCredentialsTheOperatorsClientActs() throws Exception {
    // when
    JsonNode made = connect("shop", Map.of());
    Exchange none = user.post(PATH, Map.of("service", "store", "name", "none"));

    // then
    assertThat(made.path("status").asText()).isEqualTo("connected");
    assertThat(JWTParser.parse(current(made)).getJWTClaimsSet().getSubject())
        .isEqualTo("operators-client");
    assertThat(none.expect(422).field("detail"))
        .isEqualTo("Expected an object with clientId and clientSecret.");
  }

  @Test
  void aClientThatIsRefusedIsNotKeptAndOneThatIsRefusedLaterIsToBeConnectedAgain() {
    // given
    Map<String, String> good = client(RotatingProvider.CLIENT, RotatingProvider.SECRET);
    strict.lifetime = 3_600;

    // when
    Exchange bad =
        user.post(
            PATH,
            Map.of("service", "store", "name", "bad", "credentials", client("areaflow", "wrong")));
    JsonNode made = connect("store", good);
    strict.refuseClients = true;
    endNow(made);
    try (StoredCredentials credentials = areas.credentials()) {
      Authorized refused = authorize(credentials, made);

      // then
      assertThat(bad.expect(422).pointers()).containsExactly("/credentials");
      assertThat(bad.field("detail")).isEqualTo("store gives no token for them: invalid_client.");
      assertThat(made.path("status").asText()).isEqualTo("connected");
      assertThat(refused).isInstanceOf(Authorized.Reconnect.class);
      assertThat(show(made).path("status").asText()).isEqualTo("reconnect");
    } finally {
      strict.refuseClients = false;
    }
  }

  @Test
  void whereNoTokenCanBeHadYetTheConnectionWaitsForOne() {
    // given
    strict.down = true;
    JsonNode pending = connect("store", client(RotatingProvider.CLIENT, RotatingProvider.SECRET));

    // when
    try (StoredCredentials credentials = areas.credentials()) {
      Authorized away = authorize(credentials, pending);
      strict.down = false;
      Authorized ready = authorize(credentials, pending);

      // then
      assertThat(pending.path("status").asText()).isEqualTo("pending");
      assertThat(away).isInstanceOf(Authorized.Away.class);
      assertThat(strict.accepts("Bearer " + token(ready))).isTrue();
      assertThat(show(pending).path("status").asText()).isEqualTo("connected");
    } finally {
      strict.down = false;
    }
  }

  @Test
  void aRefusedTokenOfAClientIsGotAnew() {
    // given
    JsonNode made = connect("store", client(RotatingProvider.CLIENT, RotatingProvider.SECRET));

    // when
    try (StoredCredentials credentials = areas.credentials()) {
      Authorized.Ready first = (Authorized.Ready) authorize(credentials, made);
      strict.forgetAccessTokens();
      boolean again = credentials.refused(first.lease(), "answered with status 401");
      Authorized second = authorize(credentials, made);

      // then
      assertThat(again).isTrue();
      assertThat(strict.accepts("Bearer " + token(second))).isTrue();
    }
  }
}
