package dev.areaflow.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.api.Exchange;
import dev.areaflow.api.NoAudit;
import dev.areaflow.api.TestApi;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What needs a socket to be seen. */
final class ApiServerTest {
  private static TestApi api;

  @BeforeAll
  static void start() {
    api = TestApi.builder().start();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"area_x", "session_x", "x", "", "area_\u00e9"})
  void tokensThatAreNoneAreRefused(String token) {
    // when
    Exchange answer = api.anyone().as(token).get("/api/v1/users/me");

    // then
    answer.expect(401);
  }

  @Test
  void bodiesAreUncompressedAndBounded() {
    // when
    Exchange zipped = api.anyone().with("Content-Encoding", "gzip").post("/api/v1/users", "{}");
    Exchange large = api.anyone().post("/api/v1/users", " ".repeat(1_048_577));

    // then
    zipped.expect(415);
    large.expect(413);
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
  void aTakenPortIsThrown() throws Exception {
    // given
    try (ServerSocket taken = new ServerSocket(0)) {
      HttpConfig config =
          new HttpConfig("127.0.0.1", taken.getLocalPort(), Optional.empty(), Set.of());
      ApiServer server =
          new ApiServer(
              config,
              new ApiRouting(
                  config,
                  List.of(),
                  api.accounts().authentication(),
                  api.idempotency(),
                  new NoAudit(),
                  new SimpleMeterRegistry(),
                  rules -> {}));

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
