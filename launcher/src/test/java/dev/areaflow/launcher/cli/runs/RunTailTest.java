package dev.areaflow.launcher.cli.runs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.areaflow.launcher.cli.CliProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code area runs tail} against a list that grows, and a server that is away for a moment. */
final class RunTailTest {
  private static final String FIRST = run("1", "running");
  private static final String THEN = run("2", "failed") + "," + run("1", "succeeded");

  @TempDir private Path home;
  private HttpServer server;
  private final Deque<String> lists = new ArrayDeque<>();
  private CliProcess area;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/api/v1/areas",
        exchange ->
            send(exchange, 200, "{\"items\":[{\"id\":\"a\",\"name\":\"Bugs\"}],\"next\":null}"));
    server.createContext("/api/v1/runs", this::runs);
    server.start();
    area =
        new CliProcess(home)
            .with("AREA_SERVER", "http://127.0.0.1:" + server.getAddress().getPort())
            .with("AREA_TOKEN", "area_test");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void runsAndChangesOfThemAreLinesEachOnceAlsoWhereTheServerWasAway() {
    // given
    lists.add(FIRST);
    lists.add("");
    lists.add(THEN);

    // when
    int code = area.run("runs", "tail", "--count", "3");

    // then
    assertThat(code).isZero();
    assertThat(area.out())
        .isEqualToNormalizingNewlines(
            """
            2026-05-30T08:00:00Z  running    Bugs  1
            2026-05-30T08:00:00Z  succeeded  Bugs  1
            2026-05-30T08:00:00Z  failed     Bugs  2  tell: refused
            """);
    assertThat(area.err()).contains("Unavailable: Back soon.");
  }

  @Test
  void programsGetARunALine() throws IOException {
    // given
    lists.add(THEN);

    // when, then
    assertThat(area.run("runs", "tail", "--json", "--last", "1", "--count", "1")).isZero();
    assertThat(area.jsonLines())
        .singleElement()
        .satisfies(run -> assertThat(run.path("id").asText()).isEqualTo("2"));
  }

  private void runs(HttpExchange exchange) throws IOException {
    String list = lists.remove();
    if (list.isEmpty()) {
      send(exchange, 503, "{\"title\":\"Unavailable\",\"detail\":\"Back soon.\"}");
    } else {
      send(exchange, 200, "{\"items\":[" + list + "],\"next\":null}");
    }
  }

  private static String run(String id, String status) {
    String error =
        status.equals("failed") ? "{\"class\":\"permanent\",\"message\":\"refused\"}" : "null";
    return """
    {"id":"%s","areaId":"a","status":"%s","startedAt":"2026-05-30T08:00:00.123Z",
     "steps":[{"id":"tell","error":%s}]}
    """
        .formatted(id, status, error);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    try (exchange) {
      byte[] bytes = body.getBytes(UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
