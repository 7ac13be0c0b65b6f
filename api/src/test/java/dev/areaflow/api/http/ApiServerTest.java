package dev.areaflow.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.TestApi;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ApiServerTest {
  private static TestApi api;
  private static ContractClient user;

  @BeforeAll
  static void start() {
    api =
        TestApi.builder()
            .routes(
                (database, clock) ->
                    List.of(
                        () ->
                            List.of(
                                Route.get(
                                    "/test/bug",
                                    Access.Basic.ANYONE,
                                    call -> {
                                      throw new IllegalStateException("a secret of the program");
                                    }),
                                Route.put(
                                    "/test/{id}",
                                    Access.Basic.ANYONE,
                                    call -> Answer.noContent().version(call.ifMatch())))))
            .start();
    user = api.newUser();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void everyRouteThatIsNotOpenAsksForATokenAndItsScope() {
    // given
    ContractClient powerless = api.token(user, "events:read");
    List<Route> routes =
        api.routes().stream()
            .flatMap(part -> part.table().stream())
            .filter(route -> route.access() != Access.Basic.ANYONE)
            .toList();

    for (Route route : routes) {
      String path = route.path().replace("{id}", UUID.randomUUID().toString());

      // when
      int without = api.anyone().send(route.method(), path, Optional.empty()).status();
      int powerlessStatus = powerless.send(route.method(), path, Optional.empty()).status();

      // then
      assertThat(without).as(route.toString()).isEqualTo(401);
      if (route.access() instanceof Scope scope && scope != Scope.EVENTS_READ) {
        assertThat(powerlessStatus).as(route.toString()).isEqualTo(403);
      }
    }
    assertThat(routes).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"area_x", "session_x", "x", "", "area_\u00e9"})
  void tokensThatAreNoneAreRefused(String token) {
    // when
    Exchange answer = api.anyone().as(token).get("/api/v1/users/me");

    // then
    answer.expect(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{", "", "[1", "{\"email\":\"a\",\"email\":\"b\"}", "{} {}", "{\"a\":NaN}", "nul"})
  void whatIsNotJsonIsMalformed(String body) {
    // when
    Exchange answer = api.anyone().post("/api/v1/users", body);

    // then
    answer.expect(400);
  }

  @Test
  void nestingBeyondTheLimitIsMalformed() {
    // when
    Exchange answer =
        api.anyone()
            .post("/api/v1/users", "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");

    // then
    answer.expect(400);
  }

  @Test
  void unknownFieldsAndWrongTypesAreNamed() {
    // when
    Exchange unknown = api.anyone().post("/api/v1/users", Map.of("role/~", "admin"));
    Exchange wrongType = api.anyone().post("/api/v1/users", Map.of("email", 1));
    Exchange nested =
        user.post("/api/v1/tokens", Map.of("name", "x", "scopes", List.of("account", 2)));
    Exchange time =
        user.post("/api/v1/tokens", Map.of("name", "x", "expiresAt", "+999999999-12-31T00:00:00Z"));
    Exchange array = api.anyone().post("/api/v1/users", "[]");

    // then
    assertThat(unknown.expect(422).pointers()).containsExactly("/role~1~0");
    assertThat(wrongType.expect(422).pointers()).containsExactly("/email");
    assertThat(nested.expect(422).pointers()).containsExactly("/scopes/1");
    assertThat(time.expect(422).pointers()).containsExactly("/expiresAt");
    assertThat(array.expect(422).pointers()).containsExactly("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\\u0000\"", "\"\\ud800\"", "1e99999", "1e-99999"})
  void whatNoDatabaseKeepsIsNamed(String value) {
    // when
    Exchange answer = user.post("/api/v1/tokens", "{\"name\": " + value + "}");

    // then
    assertThat(answer.expect(422).pointers()).containsExactly("/name");
  }

  @Test
  void bodiesAreJsonUncompressedAndBounded() {
    // when
    int text = api.anyone().with("Content-Type", "text/plain").post("/api/v1/users", "{}").status();
    int zipped = api.anyone().with("Content-Encoding", "gzip").post("/api/v1/users", "{}").status();
    int large = api.anyone().post("/api/v1/users", " ".repeat(1_048_577)).status();
    int charset =
        api.anyone()
            .with("Content-Type", "application/json; charset=utf-8")
            .post("/api/v1/users", "{}")
            .status();

    // then
    assertThat(List.of(text, zipped, large, charset)).containsExactly(415, 415, 413, 422);
  }

  @Test
  void unknownAddressesMethodsAndIdsAreProblems() {
    // when
    Exchange address = api.anyone().get("/nowhere");
    Exchange method = api.anyone().send("PUT", "/api/v1/users", Optional.empty());
    Exchange id = user.get("/api/v1/tokens/not-an-id");

    // then
    assertThat(address.expect(404).header("Content-Type")).contains("application/problem+json");
    assertThat(method.expect(405).header("Allow")).contains("GET, POST");
    assertThat(method.header("Content-Type")).contains("application/problem+json");
    id.expect(404);
  }

  @Test
  void aBugShowsNothingOfTheProgram() throws Exception {
    // when
    String answer = raw("GET /test/bug HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

    // then
    assertThat(answer)
        .startsWith("HTTP/1.1 500")
        .contains("application/problem+json")
        .doesNotContain("secret", "Exception", "dev.areaflow");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /a b c HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
        "GET /%00%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /api/v1/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
      })
  void whatIsHardlyHttpIsAProblemToo(String request) throws Exception {
    // when
    String answer = raw(request);

    // then
    assertThat(answer).matches("(?s)HTTP/1.1 4.*").contains("application/problem+json");
  }

  @Test
  void everyAnswerCarriesTheSecurityHeaders() {
    for (String path : List.of("/api/v1/users/me", "/nowhere", "/api/v1/info", "/docs")) {
      // when
      Exchange answer = api.anyone().get(path);

      // then
      assertThat(answer.header("X-Content-Type-Options")).contains("nosniff");
      assertThat(answer.header("Cache-Control")).contains("no-store");
      assertThat(answer.header("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'", "frame-ancestors 'none'");
      assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"'', 428", "\"3\", 204", "3, 400", "W/\"3\", 412", "\"x\", 412", "*, 400"})
  void ifMatchIsReadStrictly(String header) throws Exception {
    // given
    String value = header.substring(0, header.lastIndexOf(','));
    String line = value.equals("''") ? "" : "If-Match: " + value + "\r\n";

    // when
    String answer =
        raw(
            "PUT /test/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n"
                + line
                + "\r\n");

    // then
    assertThat(answer).startsWith("HTTP/1.1 " + header.substring(header.lastIndexOf(' ') + 1));
  }

  @Test
  void aTakenPortIsThrown() throws Exception {
    // given
    try (ServerSocket taken = new ServerSocket(0)) {
      HttpConfig config =
          new HttpConfig("127.0.0.1", taken.getLocalPort(), Optional.empty(), Set.of());
      ApiServer server =
          new ApiServer(
              config,
              List.of(),
              api.accounts().authentication(),
              api.idempotency(),
              new SimpleMeterRegistry(),
              rules -> {});

      // then
      assertThatThrownBy(server::start)
          .hasMessageContaining(Integer.toString(taken.getLocalPort()));
    }
  }

  private static String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.uri().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
