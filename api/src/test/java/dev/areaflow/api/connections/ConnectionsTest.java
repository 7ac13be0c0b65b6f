package dev.areaflow.api.connections;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.schemas.rows.Plan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConnectionsTest {
  private static final String PATH = "/api/v1/connections";
  private static final String GOOD = "ghp_good";

  private final HttpServer github = github();
  private final AreaApi areas =
      new AreaApi(
          Map.of(
              "service.github.base-url",
              "http://127.0.0.1:" + github.getAddress().getPort(),
              "egress.allow",
              "127.0.0.1:" + github.getAddress().getPort()));
  private volatile boolean down;
  private ContractClient user = areas.api().newUser();

  /** Answers as GitHub documents "Get the authenticated user". */
  private HttpServer github() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/user",
          exchange -> {
            boolean good =
                ("Bearer " + GOOD).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            byte[] body =
                (good
                        ? "{\"login\":\"octocat\",\"id\":1}"
                        : "{\"message\":\"Bad credentials\",\"status\":\"401\"}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(down ? 503 : good ? 200 : 401, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @BeforeEach
  void newUser() {
    user = areas.api().newUser();
    down = false;
  }

  @AfterAll
  void close() {
    areas.close();
    github.stop(0);
  }

  private Exchange connect(String service, String name, Map<String, String> credentials) {
    return user.post(PATH, Map.of("service", service, "name", name, "credentials", credentials));
  }

  private JsonNode connected(String name) {
    return connect("github", name, Map.of("token", GOOD)).expect(201).body();
  }

  private static String path(JsonNode connection) {
    return PATH + "/" + connection.path("id").asText();
  }

  /** An AREA whose reaction uses a connection. */
  private static ObjectNode posting(String name, String connection) {
    ObjectNode area = AreaApi.webhook(name, "none");
    ((ObjectNode) area.at("/reactions/0")).put("connection", connection);
    return area;
  }

  private JsonNode http(String name) {
    return connect("http", name, Map.of("url", "https://example.org", "token", "secret-token"))
        .expect(201)
        .body();
  }

  private JsonNode area(JsonNode area) {
    return user.get("/api/v1/areas/" + area.path("id").asText()).expect(200).body();
  }

  private List<Map<String, Object>> rows(String sql, JsonNode connection) {
    return areas
        .api()
        .database()
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(sql)
                    .bind("id", connection.path("id").asText())
                    .mapToMap()
                    .list());
  }

  @Test
  void aTokenIsTriedAndKeptEncrypted() {
    // when
    Exchange made = connect("github", "work", Map.of("token", GOOD)).expect(201);

    // then
    JsonNode connection = made.body();
    assertThat(made.header("Location")).hasValue(path(connection));
    assertThat(connection.path("status").asText()).isEqualTo("connected");
    assertThat(connection.path("account").asText()).isEqualTo("octocat");
    assertThat(user.get(path(connection)).expect(200).body()).isEqualTo(connection);
    assertThat(made.text()).doesNotContain(GOOD);
    assertThat(
            rows(
                "SELECT sealed FROM connection_secrets WHERE connection_id = CAST(:id AS uuid)",
                connection))
        .singleElement()
        .satisfies(
            row ->
                assertThat(new String((byte[]) row.get("sealed"), StandardCharsets.ISO_8859_1))
                    .doesNotContain(GOOD));
  }

  @Test
  void whatTheServiceRefusesIsNotKept() {
    // when
    Exchange refused = connect("github", "work", Map.of("token", "ghp_bad"));

    // then
    assertThat(refused.expect(422).pointers()).containsExactly("/credentials");
    assertThat(refused.field("detail"))
        .isEqualTo("GitHub does not accept them: it answered with status 401.");
    assertThat(user.get(PATH).expect(200).body().path("items")).isEmpty();
  }

  @Test
  void whereTheServiceCannotSayTheConnectionIsPendingUntilItIsTested() {
    // given
    down = true;
    JsonNode pending = connected("work");

    // when
    down = false;
    JsonNode tested = user.post(path(pending) + "/test", Map.of()).expect(200).body();

    // then
    assertThat(pending.path("status").asText()).isEqualTo("pending");
    assertThat(pending.path("problem").asText()).contains("cannot be asked now");
    assertThat(tested.path("status").asText()).isEqualTo("connected");
    assertThat(tested.path("problem").isNull()).isTrue();
  }

  @Test
  void everythingThatIsWrongIsNamed() {
    assertThat(
            user.post(PATH, Map.of("service", "gitlab", "name", " ", "credentials", Map.of()))
                .expect(422)
                .pointers())
        .containsExactly("/name", "/service");
    assertThat(connect("github", "work", Map.of("token", "two\nlines")).expect(422).pointers())
        .containsExactly("/credentials/token");
    assertThat(connect("github", "work", Map.of("key", "k")).expect(422).field("detail"))
        .isEqualTo("Expected the fields token.");
    assertThat(connect("timer", "work", Map.of("key", "k")).expect(422).field("detail"))
        .isEqualTo("Timer needs no connection.");
    assertThat(
            connect("http", "api", Map.of("url", "ftp://example.org", "token", "t"))
                .expect(422)
                .pointers())
        .containsExactly("/credentials/url");
  }

  @Test
  void aNameIsTakenOncePerService() {
    // given
    connected("work");

    // then
    assertThat(connect("github", "work", Map.of("token", GOOD)).expect(409).pointers())
        .containsExactly("/name");
    http("work");
  }

  @Test
  void whatIsSomebodyElsesIsNotThere() {
    // given
    JsonNode connection = connected("work");
    ContractClient stranger = areas.api().newUser();

    // then
    stranger.get(path(connection)).expect(404);
    stranger.post(path(connection) + "/test", Map.of()).expect(404);
    stranger.patch(path(connection), Map.of("name", "mine")).expect(404);
    stranger
        .put(path(connection) + "/credentials", Map.of("credentials", Map.of("token", GOOD)))
        .expect(404);
    stranger.delete(path(connection)).expect(404);
    user.get(path(connection)).expect(200);
  }

  @Test
  void aDefinitionNamesItsConnection() {
    // given
    JsonNode connection = http("api");

    // when
    JsonNode area = user.post("/api/v1/areas", posting("Post", "api")).expect(201).body();

    // then
    assertThat(area.at("/reactions/0/connection").asText()).isEqualTo("api");
    Object plan =
        rows("SELECT plan FROM areas WHERE plan::text LIKE '%' || :id || '%'", connection)
            .getFirst()
            .get("plan");
    assertThat(Plan.parse(String.valueOf(plan)).steps().getFirst().connectionId())
        .isEqualTo(connection.path("id").asText());
  }

  @Test
  void aConnectionThatIsNotThereIsNamedWithThoseThatAre() {
    // given
    http("one");
    http("two");

    // when
    Exchange refused = user.post("/api/v1/areas", posting("Post", "three"));

    // then
    assertThat(refused.expect(422).pointers()).containsExactly("/reactions/0/connection");
    assertThat(refused.field("detail"))
        .isEqualTo("You have no connection \"three\" to HTTP, you have: one, two.");
  }

  @Test
  void aNewNameIsInTheDefinitionsTooAndNoVersionCountsUp() {
    // given
    JsonNode connection = http("old");
    JsonNode area = user.post("/api/v1/areas", posting("Post", "old")).expect(201).body();

    // when
    user.patch(path(connection), Map.of("name", "new")).expect(200);

    // then
    assertThat(area(area).at("/reactions/0/connection").asText()).isEqualTo("new");
    assertThat(area(area).path("version")).isEqualTo(area.path("version"));
  }

  @Test
  void aNewNameIsWrittenWhereverAReactionStands() {
    // given
    JsonNode connection = http("old");
    JsonNode area = user.post("/api/v1/areas", nested("Nested", "old")).expect(201).body();

    // when
    user.patch(path(connection), Map.of("name", "new")).expect(200);

    // then
    assertThat(area(area).findValuesAsText("connection")).containsExactly("new", "new", "new");
    assertThat(area(area).at("/reactions/0/connection").isMissingNode()).isTrue();
  }

  @Test
  void deletingItStopsAreasThatUseItForAnError() {
    // given
    JsonNode connection = http("api");
    ObjectNode definition = AreaApi.webhook("Alarm", "none");
    definition.withArray("onError").add(posting("Post", "api").at("/reactions/0"));
    JsonNode area = user.post("/api/v1/areas", definition).expect(201).body();

    // when
    JsonNode answer = user.delete(path(connection)).expect(200).body();

    // then
    assertThat(answer.at("/stopped/0/name").asText()).isEqualTo("Alarm");
    assertThat(area(area).path("status").asText()).isEqualTo("error");
  }

  /** An AREA of which reactions within others and in onError use a connection. */
  private static ObjectNode nested(String name, String connection) {
    ObjectNode area = AreaApi.webhook(name, "none");
    ObjectNode reaction = (ObjectNode) posting(name, connection).at("/reactions/0");
    ObjectNode outer = (ObjectNode) area.at("/reactions/0");
    outer.putObject("onFailure").putArray("run").add(reaction.deepCopy().put("id", "handler"));
    area.withArray("reactions")
        .addObject()
        .put("id", "choice")
        .putArray("choose")
        .addObject()
        .putArray("reactions")
        .add(reaction.deepCopy().put("id", "branch"));
    area.withArray("onError").add(reaction.deepCopy().put("id", "alarm"));
    return area;
  }

  @Test
  void deletingItStopsItsAreasUntilTheyAreChanged() {
    // given
    JsonNode connection = http("api");
    JsonNode area = user.post("/api/v1/areas", posting("Post", "api")).expect(201).body();
    JsonNode other =
        user.post("/api/v1/areas", AreaApi.webhook("Other", "none")).expect(201).body();

    // when
    JsonNode answer = user.delete(path(connection)).expect(200).body();
    JsonNode stopped = area(area);
    user.post("/api/v1/areas/" + area.path("id").asText() + "/enable", Map.of()).expect(200);
    JsonNode enabled = area(area);
    http("again");
    JsonNode changed =
        user.with("If-Match", "\"" + enabled.path("version").asText() + "\"")
            .put("/api/v1/areas/" + area.path("id").asText(), posting("Post", "again"))
            .expect(200)
            .body();

    // then
    assertThat(answer.path("stopped")).hasSize(1);
    assertThat(answer.at("/stopped/0/name").asText()).isEqualTo("Post");
    assertThat(stopped.path("status").asText()).isEqualTo("error");
    assertThat(stopped.path("statusReason").asText())
        .isEqualTo("Its connection \"api\" was deleted; name another one in the definition.");
    assertThat(enabled.path("status").asText()).isEqualTo("error");
    assertThat(changed.path("status").asText()).isEqualTo("pending");
    assertThat(area(other).path("status").asText()).isEqualTo("pending");
  }

  @Test
  void anAreaSaysThatItsConnectionHasToBeConnectedAgainUntilItIs() {
    // given
    JsonNode connection = http("api");
    JsonNode area = user.post("/api/v1/areas", posting("Post", "api")).expect(201).body();
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "UPDATE connections SET status = 'reconnect' WHERE id = CAST(? AS uuid)",
                    connection.path("id").asText()));

    // when
    JsonNode broken = area(area);
    user.put(
            path(connection) + "/credentials",
            Map.of("credentials", Map.of("url", "https://example.org", "token", "other-token")))
        .expect(200);

    // then
    assertThat(broken.path("status").asText()).isEqualTo("error");
    assertThat(broken.path("statusReason").asText())
        .isEqualTo("The connection \"api\" to http has to be connected again.");
    assertThat(area(area).path("status").asText()).isEqualTo("pending");
  }

  @Test
  void hooksHearThatTheirConnectionWasMended() {
    // given
    JsonNode connection = http("polled");
    ObjectNode definition = AreaApi.polled("Polled", "https://example.org/list");
    definition.withObject("/action").put("connection", "polled");
    user.post("/api/v1/areas", definition).expect(201);
    user.post("/api/v1/areas", AreaApi.polled("Alone", "https://example.org/list")).expect(201);

    // when
    user.put(
            path(connection) + "/credentials",
            Map.of("credentials", Map.of("url", "https://example.org", "token", "other-token")))
        .expect(200);
    List<Object> replaced = versions(connection);
    user.patch(path(connection), Map.of("name", "renamed")).expect(200);

    // then
    assertThat(replaced).containsExactly(2L);
    assertThat(versions(connection)).containsExactly(2L);
    assertThat(
            rows(
                "SELECT version FROM hooks WHERE connection_id IS NULL AND inputs->>'url' ="
                    + " 'https://example.org/list' AND CAST(:id AS text) IS NOT NULL",
                connection))
        .containsOnly(Map.of("version", 1L));
  }

  @Test
  void whatWaitsForAConnectionGoesOnWhenItIsConnectedAgain() {
    // given
    JsonNode connection = http("api");
    JsonNode area = user.post("/api/v1/areas", posting("Post", "api")).expect(201).body();
    JsonNode same = user.post("/api/v1/areas", posting("Post, too", "api")).expect(201).body();
    http("other");
    user.post("/api/v1/areas", posting("Other", "other")).expect(201);
    user.delete("/api/v1/areas/" + same.path("id").asText()).expect(204);
    List<Map<String, Object>> before = resumed(connection);

    // when
    user.put(
            path(connection) + "/credentials",
            Map.of("credentials", Map.of("url", "https://example.org", "token", "other-token")))
        .expect(200);

    // then
    assertThat(before).isEmpty();
    assertThat(resumed(connection))
        .extracting(row -> row.get("home"))
        .containsExactlyInAnyOrder(area.at("/hook/id").asText(), same.at("/hook/id").asText());
    assertThat(
            rows(
                "SELECT r.home FROM requests r JOIN connections c ON c.owner_id = r.owner_id"
                    + " WHERE c.id = CAST(:id AS uuid)",
                connection))
        .as("of all connections of the owner")
        .hasSize(2);
  }

  private List<Map<String, Object>> resumed(JsonNode connection) {
    return rows(
        "SELECT home FROM requests WHERE kind = 'resume' AND body->>'connectionId' = :id",
        connection);
  }

  @Test
  void hooksHearThatTheirConnectionIsGoodAgain() {
    // given
    JsonNode connection = connect("github", "work", Map.of("token", GOOD)).expect(201).body();
    ObjectNode definition = AreaApi.bugTriage("Stars");
    ((ObjectNode) definition.get("action"))
        .put("action", "mention")
        .put("connection", "work")
        .remove("inputs");
    definition.remove("when");
    definition
        .withArray("reactions")
        .removeAll()
        .add(AreaApi.webhook("w", "none").at("/reactions/0"));
    user.post("/api/v1/areas", definition).expect(201);

    // when
    user.post(path(connection) + "/test").expect(200);
    List<Object> good = versions(connection);
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "UPDATE connections SET status = 'reconnect' WHERE id = CAST(? AS uuid)",
                    connection.path("id").asText()));
    user.post(path(connection) + "/test").expect(200);

    // then
    assertThat(good).containsExactly(1L);
    assertThat(versions(connection)).containsExactly(2L);
  }

  private List<Object> versions(JsonNode connection) {
    return rows("SELECT version FROM hooks WHERE connection_id = CAST(:id AS uuid)", connection)
        .stream()
        .map(row -> row.get("version"))
        .toList();
  }
}
