package dev.areaflow.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Access;
import dev.areaflow.api.http.ApiRouting;
import dev.areaflow.api.http.Idempotency;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Scope;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.documents.OpenApi;
import io.helidon.http.ClientResponseHeaders;
import io.helidon.http.HeaderNames;
import io.helidon.webclient.http1.Http1ClientResponse;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.testing.junit5.DirectClient;
import io.helidon.webserver.testing.junit5.RoutingTest;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The routes of the role, as it wires them, without sockets, database and Kafka: what each answers
 * before it needs them, and when they are away.
 */
@RoutingTest
final class RouteAnswersTest {
  /** Parts of the page at {@code /docs}, for browsers: nobody programs against them. */
  private static final Set<String> PARTS_OF_THE_PAGE = Set.of("GET /", "GET /docs/{file}");

  private static final ApiConfig CONFIG =
      ApiConfig.from(
          Settings.of(
              Map.of(
                  "database.url", "jdbc:postgresql://127.0.0.1:1/nowhere",
                  "vault.keyset", TestVault.keyset(),
                  "hooks.key", "YSBrZXkgb2YgdGhpcnR5LXR3byBieXRlcywgbm8gbW9yZQ==",
                  "kafka.bootstrap-servers", "127.0.0.1:1",
                  "registry.url", "http://127.0.0.1:1/apis/registry/v3")));
  private static final Contract CONTRACT = new Contract();
  private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
  private static final Database DATABASE = new Database(CONFIG.database());
  private static final ApiRole ROLE =
      new ApiRole(CONFIG, ServiceCatalog.bundled(), new FakeBacktester(), METERS, rules -> {});

  private final DirectClient client;
  private final ContractClient anyone;
  private final ContractClient user;

  RouteAnswersTest(DirectClient client) {
    this.client = client;
    this.anyone = new ContractClient(client);
    this.user = anyone.as(ScopedTokens.OF_EVERY_SCOPE);
  }

  @SetUpRoute
  static void route(HttpRouting.Builder routing) {
    new ApiRouting(
            CONFIG.http(),
            List.of(ROLE::routes),
            new ScopedTokens(),
            new Idempotency(DATABASE, Clock.systemUTC()),
            new NoAudit(),
            METERS,
            rules -> rules.get("/health", (request, response) -> response.send("up")))
        .setup(routing);
  }

  @AfterAll
  static void close() {
    ROLE.close();
    DATABASE.close();
  }

  // the routes and their document

  @Test
  void everyRouteIsDocumentedAndEveryDocumentedOneIsThere() {
    // given
    Set<String> documented = CONTRACT.operations();

    // when
    Set<String> served =
        ROLE.routes().stream()
            .map(RouteAnswersTest::operation)
            .filter(operation -> !PARTS_OF_THE_PAGE.contains(operation))
            .collect(Collectors.toCollection(TreeSet::new));

    // then
    assertThat(served).containsExactlyInAnyOrderElementsOf(documented);
  }

  @Test
  void theDocumentIsServedAsItStands() throws Exception {
    // when
    Exchange answer = anyone.get("/openapi.json");

    // then
    assertThat(answer.expect(200).body()).isEqualTo(new ObjectMapper().readTree(OpenApi.json()));
  }

  // who calls

  static List<Route> routesThatAreNotOpen() {
    return ROLE.routes().stream()
        .filter(route -> route.access() != Access.Basic.ANYONE)
        .filter(route -> route.access() != Access.Basic.MAYBE_LOGGED_IN)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("routesThatAreNotOpen")
  void aRouteThatIsNotOpenAsksForAToken(Route route) {
    // when
    Exchange without = anyone.send(route.method(), address(route), Optional.empty());
    Exchange invalid = anyone.as("area_x").send(route.method(), address(route), Optional.empty());

    // then
    assertThat(without.expect(401).header("WWW-Authenticate"))
        .hasValueSatisfying(challenge -> assertThat(challenge).startsWith("Bearer "));
    invalid.expect(401);
  }

  static List<Route> routesWithScope() {
    return ROLE.routes().stream().filter(route -> route.access() instanceof Scope).toList();
  }

  @ParameterizedTest
  @MethodSource("routesWithScope")
  void aScopeIsNotReplacedByAllOthers(Route route) {
    // given
    Scope scope = (Scope) route.access();
    Set<String> others =
        Set.of(Scope.values()).stream()
            .filter(other -> other != scope)
            .map(Scope::text)
            .collect(Collectors.toCollection(TreeSet::new));

    // when
    Exchange answer =
        anyone.as(String.join(",", others)).send(route.method(), address(route), Optional.empty());

    // then
    assertThat(answer.expect(403).header("WWW-Authenticate"))
        .hasValueSatisfying(
            challenge -> assertThat(challenge).contains("scope=\"" + scope.text() + "\""));
  }

  // what the audit log tells of

  @Test
  void whateverChangesSomethingIsAudited() {
    // given
    Set<String> changingNothing =
        Set.of(
            "POST /api/v1/areas/try",
            "POST /api/v1/areas/backtest",
            "POST /api/v1/users/me/identities");

    // when
    Set<String> untold =
        ROLE.routes().stream()
            .filter(route -> !route.method().equals("GET") && route.audited() == null)
            .map(RouteAnswersTest::operation)
            .collect(Collectors.toCollection(TreeSet::new));

    // then
    assertThat(untold).containsExactlyInAnyOrderElementsOf(changingNothing);
  }

  // addresses and methods

  @ParameterizedTest
  @ValueSource(strings = {"/nowhere", "/api", "/api/v1/areas/x/y", "/docs/none", "/about.json/x"})
  void anAddressOfNothingIsAProblem(String path) {
    // when
    Exchange answer = anyone.get(path);

    // then
    assertThat(answer.expect(404).header("Content-Type")).contains("application/problem+json");
  }

  static List<String> paths() {
    return ROLE.routes().stream().map(Route::path).distinct().toList();
  }

  @ParameterizedTest
  @MethodSource("paths")
  void anotherMethodIsToldWhichThereAre(String path) {
    // given
    Set<String> methods =
        ROLE.routes().stream()
            .filter(route -> route.path().equals(path))
            .map(Route::method)
            .collect(Collectors.toCollection(TreeSet::new));

    for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW")) {
      if (!methods.contains(method)) {
        // when
        Exchange answer = user.send(method, address(path), Optional.empty());

        // then
        assertThat(answer.expect(405).header("Allow")).contains(String.join(", ", methods));
        assertThat(answer.header("Content-Type")).contains("application/problem+json");
      }
    }
  }

  @Test
  void whatIsNoIdIsNotFound() {
    // when
    Exchange answer = user.get("/api/v1/tokens/not-an-id");

    // then
    answer.expect(404);
  }

  // bodies

  static List<Route> routesWithBody() {
    Set<String> operations = new HashSet<>(CONTRACT.operationsWithBody());
    operations.remove("PUT /api/v1/areas/{id}"); // looks for the AREA first
    return ROLE.routes().stream().filter(route -> operations.contains(operation(route))).toList();
  }

  @ParameterizedTest
  @MethodSource("routesWithBody")
  void everyBodyIsJsonUncompressedAndBounded(Route route) {
    // given
    ContractClient versioned = user.with("If-Match", "\"1\"");
    String address = address(route);

    // when
    Exchange malformed = versioned.send(route.method(), address, Optional.of("{"));
    Exchange none = versioned.send(route.method(), address, Optional.of(""));
    Exchange array = versioned.send(route.method(), address, Optional.of("[]"));
    Exchange text =
        versioned
            .with("Content-Type", "text/plain")
            .send(route.method(), address, Optional.of("{}"));
    Exchange large = versioned.send(route.method(), address, Optional.of(" ".repeat(1_048_577)));

    // then
    assertThat(malformed.expect(400).pointers()).containsExactly("");
    assertThat(none.expect(400).pointers()).containsExactly("");
    assertThat(array.expect(422).pointers()).startsWith("");
    text.expect(415);
    large.expect(413);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{", "", "[1", "{\"email\":\"a\",\"email\":\"b\"}", "{} {}", "{\"a\":NaN}", "nul"})
  void whatIsNotJsonIsMalformed(String body) {
    // when
    Exchange answer = anyone.post("/api/v1/users", body);

    // then
    assertThat(answer.expect(400).pointers()).containsExactly("");
  }

  @Test
  void nestingBeyondTheLimitIsMalformed() {
    // when
    Exchange answer =
        anyone.post("/api/v1/users", "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");

    // then
    answer.expect(400);
  }

  @Test
  void unknownFieldsAndWrongTypesAreNamed() {
    // when
    Exchange unknown = anyone.post("/api/v1/users", Map.of("role/~", "admin"));
    Exchange wrongType = anyone.post("/api/v1/users", Map.of("email", 1));
    Exchange nested =
        user.post("/api/v1/tokens", Map.of("name", "x", "scopes", List.of("account", 2)));
    Exchange time =
        user.post("/api/v1/tokens", Map.of("name", "x", "expiresAt", "+999999999-12-31T00:00:00Z"));
    Exchange charset =
        anyone
            .with("Content-Type", "application/json; charset=utf-8")
            .post("/api/v1/users", Map.of("email", 1));

    // then
    assertThat(unknown.expect(422).pointers()).containsExactly("/role~1~0");
    assertThat(wrongType.expect(422).pointers()).containsExactly("/email");
    assertThat(nested.expect(422).pointers()).containsExactly("/scopes/1");
    assertThat(time.expect(422).pointers()).containsExactly("/expiresAt");
    assertThat(charset.expect(422).pointers()).containsExactly("/email");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\\u0000\"", "\"\\ud800\"", "1e99999", "1e-99999"})
  void whatNoDatabaseKeepsIsNamed(String value) {
    // when
    Exchange answer = user.post("/api/v1/tokens", "{\"name\": " + value + "}");

    // then
    assertThat(answer.expect(422).pointers()).containsExactly("/name");
  }

  // parameters

  static List<Route> documentedRoutes() {
    return ROLE.routes().stream()
        .filter(route -> !PARTS_OF_THE_PAGE.contains(operation(route)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("documentedRoutes")
  void aParameterThatIsNotThereIsNamed(Route route) {
    // when
    Exchange answer = user.send(route.method(), address(route) + "?sort_by=name", Optional.empty());

    // then
    assertThat(answer.expect(400).pointers()).containsExactly("/sort_by");
  }

  // what every answer has

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/users/me",
        "/nowhere",
        "/api/v1/info",
        "/docs",
        "/about.json",
        "/",
        "/health"
      })
  void everyAnswerCarriesTheSecurityHeaders(String path) {
    // when
    try (Http1ClientResponse answer = client.get(path).followRedirects(false).request()) {
      ClientResponseHeaders headers = answer.headers();

      // then
      assertThat(headers.value(HeaderNames.create("X-Content-Type-Options"))).contains("nosniff");
      assertThat(headers.value(HeaderNames.create("X-Frame-Options"))).contains("DENY");
      assertThat(headers.value(HeaderNames.create("Referrer-Policy"))).contains("no-referrer");
      assertThat(headers.value(HeaderNames.CACHE_CONTROL)).contains("no-store");
      assertThat(headers.value(HeaderNames.create("Content-Security-Policy")).orElseThrow())
          .contains("default-src 'none'", "frame-ancestors 'none'");
      assertThat(headers.contains(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN)).isFalse();
    }
  }

  @Test
  void healthAndMetricsAreAnsweredByWhoWasGivenThem() {
    // when
    try (Http1ClientResponse answer = client.get("/health").request()) {
      // then
      assertThat(answer.as(String.class)).isEqualTo("up");
    }
  }

  @Test
  void theFrontDoorLeadsToThePage() {
    // when
    try (Http1ClientResponse answer = client.get("/").followRedirects(false).request()) {
      // then
      assertThat(answer.status().code()).isEqualTo(303);
      assertThat(answer.headers().value(HeaderNames.LOCATION)).contains("/docs");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "docs.js, text/javascript",
    "swagger-ui-bundle.js, text/javascript",
    "swagger-ui.css, text/css"
  })
  void aPartOfThePageIsServedByUs(String file, String type) {
    // when
    try (Http1ClientResponse answer = client.get("/docs/" + file).request()) {
      // then
      assertThat(answer.status().code()).isEqualTo(200);
      assertThat(answer.headers().value(HeaderNames.CONTENT_TYPE))
          .contains(type + "; charset=utf-8");
      assertThat(answer.headers().value(HeaderNames.CACHE_CONTROL))
          .contains("public, max-age=86400");
      assertThat(answer.as(byte[].class)).isNotEmpty();
    }
  }

  // without a database

  @Test
  void whatNeedsTheDatabaseIsToBeAskedAgainWhileItIsAway() {
    // when
    List<Exchange> answers =
        List.of(
            anyone.get("/api/v1/info"),
            anyone.post(
                "/api/v1/sessions", Map.of("email", "a@example.org", "password", "long enough")),
            user.get("/api/v1/users/me"),
            user.get("/api/v1/areas"),
            user.get("/api/v1/runs"),
            user.with("Idempotency-Key", "1").post("/api/v1/tokens", Map.of("name", "x")));

    // then
    for (Exchange answer : answers) {
      assertThat(answer.expect(503).header("Retry-After")).contains("1");
      assertThat(answer.header("Content-Type")).contains("application/problem+json");
    }
  }

  @Test
  void theServicesAndTheDocumentNeedNoDatabase() {
    for (String path : List.of("/about.json", "/openapi.json", "/docs", "/api/v1/services")) {
      // when
      Exchange answer = user.get(path);

      // then
      answer.expect(200);
    }
  }

  private static String operation(Route route) {
    return route.method() + " " + route.path();
  }

  private static String address(Route route) {
    return address(route.path());
  }

  private static String address(String path) {
    return path.replaceAll("\\{[^}]+}", UUID.randomUUID().toString());
  }
}
