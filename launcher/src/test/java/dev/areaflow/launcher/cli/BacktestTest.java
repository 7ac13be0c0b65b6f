package dev.areaflow.launcher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code area backtest} against answers as the API gives them. */
final class BacktestTest {
  private static final String BEFORE =
      """
      {"type":"firing","at":"2026-05-30T08:00:00Z","eventIds":["e1"],"commands":[{"reaction":"tell","inputs":{"n":1}}]}
      {"type":"progress","read":2,"of":4}
      {"type":"firing","at":"2026-05-30T09:00:00Z","eventIds":["e2","e3"],"commands":[{"reaction":"tell","inputs":{"n":2}}]}
      {"type":"problem","at":"2026-05-30T09:30:00Z","eventId":"e4","detail":"no such key: x"}
      {"type":"summary","read":4,"matched":3,"refused":{"event.n > 0":1},"dropped":{},"fired":2,"seconds":0.2}
      """;
  private static final String AFTER =
      """
      {"type":"firing","at":"2026-05-30T09:00:00Z","eventIds":["e2","e3"],"commands":[{"reaction":"tell","inputs":{"n":3}}]}
      {"type":"firing","at":"2026-05-30T09:30:00Z","eventIds":["e4"],"commands":[]}
      {"type":"summary","read":4,"matched":2,"refused":{},"dropped":{"throttle":1},"fired":2,"failed":1,"repeated":1,"seconds":0.1}
      """;

  @TempDir private Path home;
  private HttpServer server;
  private final Deque<String> answers = new ArrayDeque<>();
  private final List<JsonNode> requests = Collections.synchronizedList(new ArrayList<>());
  private int status = 200;
  private CliProcess area;
  private Path file;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/api/v1/areas", this::areas);
    server.createContext("/api/v1/areas/backtest", this::backtest);
    server.createContext("/api/v1/areas/live-id/replay", this::backtest);
    server.start();
    area =
        new CliProcess(home)
            .with("AREA_SERVER", "http://127.0.0.1:" + server.getAddress().getPort())
            .with("AREA_TOKEN", "area_test");
    file = Files.writeString(home.resolve("a.yaml"), "name: A\nreactions: []\n");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void firingsAndTheirSummaryAreShown() throws IOException {
    // given
    answers.add(BEFORE);

    // when, then
    assertThat(area.run("backtest", "-f", file.toString(), "--from", "-2d")).isZero();
    assertThat(area.out())
        .isEqualToNormalizingNewlines(
            """
            2026-05-30T08:00:00Z  event e1
                tell  {"n":1}
            2026-05-30T09:00:00Z  2 events e2, e3
                tell  {"n":2}
            4 events read, 3 matched, 2 fired, in 0.2 s
              refused by event.n > 0: 1
            """);
    assertThat(area.err()).contains("event e4: no such key: x");
    assertThat(requests.getFirst().path("from").asText()).isEqualTo("2026-05-30T10:00:00Z");
    assertThat(requests.getFirst().path("to").asText()).isEqualTo("2026-06-01T10:00:00Z");
    assertThat(requests.getFirst().at("/definition/name").asText()).isEqualTo("A");
    assertThat(requests.getFirst().has("areaId")).isFalse();
  }

  @Test
  void someOfTheEventsAreChosen() throws IOException {
    // given
    answers.add(BEFORE);

    // when, then
    assertThat(area.run("backtest", "Live", "--event", "a", "--event", "b", "--when", "true"))
        .isZero();
    assertThat(requests.getFirst().path("eventIds").toString()).isEqualTo("[\"a\",\"b\"]");
    assertThat(requests.getFirst().path("when").asText()).isEqualTo("true");
    assertThat(requests.getFirst().has("from")).isFalse();
  }

  @Test
  void aReplayThatIsNotLiveShowsWhatItWouldDo() throws IOException {
    // given
    answers.add(
        """
        {"type":"firing","at":"2026-05-30T08:00:00Z","eventIds":["e1"],"commands":[],"skipped":{"tell":"not safe"}}
        {"type":"summary","read":4,"skipped":3,"matched":1,"refused":{},"dropped":{},"fired":1,"seconds":0.2}
        """);

    // when, then
    assertThat(area.run("replay", "Live", "--from", "-2d", "--when", "event.n > 1")).isZero();
    assertThat(area.out())
        .isEqualToNormalizingNewlines(
            """
            2026-05-30T08:00:00Z  event e1
                tell  skipped: not safe
            4 events read, 1 matched, 1 fired, in 0.2 s
              not asked for: 3
            """);
    assertThat(requests.getFirst().path("mode").asText()).isEqualTo("dryRun");
    assertThat(requests.getFirst().path("when").asText()).isEqualTo("event.n > 1");
    assertThat(requests.getFirst().path("from").asText()).isEqualTo("2026-05-30T10:00:00Z");
    answers.add(BEFORE);
    assertThat(area.run("replay", "Live", "--dry-run", "--event", "e1", "--json")).isZero();
    assertThat(area.jsonLines()).hasSize(4);
    assertThat(area.run("replay", "Live", "--dry-run", "--live", "--event", "e1"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(requests).hasSize(2);
  }

  @Test
  void aReplayThatIsLiveIsAskedFor() throws IOException {
    // given
    answers.add("{\"id\":\"r1\"}");

    // when, then
    assertThat(area.run("replay", "Live", "--live", "--event", "e1")).isZero();
    assertThat(area.out()).contains("area replays show r1");
    assertThat(requests.getFirst().path("mode").asText()).isEqualTo("live");
  }

  @Test
  void programsGetTheLines() throws IOException {
    // given
    answers.add(BEFORE);

    // when, then
    assertThat(area.run("backtest", "Live", "--json", "--from", "2026-05-01")).isZero();
    assertThat(area.jsonLines())
        .extracting(line -> line.path("type").asText())
        .containsExactly("firing", "firing", "problem", "summary");
    assertThat(requests.getFirst().path("areaId").asText()).isEqualTo("live-id");
  }

  @Test
  void twoAreComparedByTheEventsThatMadeThemFire() throws IOException {
    // given
    answers.add(BEFORE);
    answers.add(AFTER);

    // when, then
    assertThat(area.run("backtest", "Live", "-f", file.toString(), "--compare", "Live")).isZero();
    assertThat(area.out())
        .contains(
            "- 2026-05-30T08:00:00Z  event e1",
            "~ 2026-05-30T09:00:00Z  2 events e2, e3",
            "+ 2026-05-30T09:30:00Z  event e4",
            "1 came, 1 went, 1 changed; 2 before, 2 now",
            "dropped by throttle: 1",
            "could not be decided on: 1",
            "repeated: 1");
    assertThat(requests.getFirst().has("definition")).isFalse();
    assertThat(requests.getLast().has("definition")).isTrue();
    assertThat(requests.getLast().path("areaId").asText()).isEqualTo("live-id");
    answers.add(BEFORE);
    answers.add(AFTER);
    assertThat(area.run("backtest", "Live", "--json", "--compare", file.toString())).isZero();
    assertThat(area.jsonLines())
        .extracting(line -> line.path("type").asText())
        .containsExactly("problem", "went", "changed", "came", "summary");
    assertThat(area.jsonLines().get(2).at("/before/0/inputs/n").asInt()).isEqualTo(2);
  }

  @Test
  void whatIsWrongInTheFileIsToldWithItsLine() {
    // given
    status = 422;
    answers.add(
        "{\"title\":\"Invalid\",\"status\":422,\"detail\":\"bad\",\"errors\":"
            + "[{\"pointer\":\"/definition/reactions\",\"detail\":\"Expected some.\"}]}");

    // when, then
    assertThat(area.run("backtest", "-f", file.toString())).isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("a.yaml:2: /reactions Expected some.");
  }

  @Test
  void hooksThatHaveAPastAreOfferedAndOneIsChosen() throws IOException {
    // given
    status = 409;
    answers.add(
        """
        {"title":"Conflict","status":409,"detail":"No past.",
         "errors":[{"pointer":"/definition/action","detail":"No past."}],
         "offers":[{"hookId":"h1","inputs":{"repository":"o/h"},"accepted":3,
                    "lastDeliveryAt":"2026-05-30T08:00:00Z"}]}
        """);

    // when, then
    assertThat(area.run("backtest", "Live")).isEqualTo(ExitCode.FAILED);
    assertThat(area.err())
        .contains(
            "--hook h1  {\"repository\":\"o/h\"}, 3 events, the last 2026-05-30T08:00:00Z",
            "/definition/action: No past.");
    status = 200;
    answers.add(AFTER);
    assertThat(area.run("backtest", "Live", "--hook", "h1")).isZero();
    assertThat(requests.getLast().path("hooks").path("").asText()).isEqualTo("h1");
    answers.add(AFTER);
    assertThat(area.run("backtest", "Live", "--hook", "a=h1", "--hook", "b=h2")).isZero();
    assertThat(requests.getLast().path("hooks").toString())
        .isEqualTo("{\"a\":\"h1\",\"b\":\"h2\"}");
  }

  @Test
  void oneThatCannotGoOnSaysWhy() {
    // given
    answers.add("{\"type\":\"error\",\"title\":\"Unavailable\",\"detail\":\"Kafka is away.\"}\n");
    answers.add("{\"type\":\"error\",\"title\":\"Ended early\",\"detail\":\"Too much.\"}\n");

    // when, then
    assertThat(area.run("backtest", "Live")).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(area.err()).contains("Unavailable: Kafka is away.");
    assertThat(area.run("backtest", "Live")).isEqualTo(ExitCode.FAILED);
  }

  @Test
  void aServerThatIsNoApiIsToldApart() {
    // given
    answers.add("<html>Welcome</html>");

    // when, then
    assertThat(area.run("backtest", "Live")).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(area.err()).contains("is --server or AREA_SERVER the address of the API?");
  }

  @Test
  void oneThatBreaksOffIsNoSuccess() {
    // given
    answers.add("{\"type\":\"progress\",\"read\":2,\"of\":4}\n");

    // when, then
    assertThat(area.run("backtest", "Live")).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(area.err()).contains("ended without its summary");
    assertThat(area.run("backtest")).isEqualTo(ExitCode.USAGE);
  }

  private void areas(HttpExchange exchange) throws IOException {
    send(exchange, 200, "{\"items\":[{\"id\":\"live-id\",\"name\":\"Live\"}],\"next\":null}");
  }

  private void backtest(HttpExchange exchange) throws IOException {
    requests.add(new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes()));
    send(exchange, status, answers.isEmpty() ? "" : answers.remove());
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    try (exchange) {
      byte[] bytes = body.getBytes(UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
