package dev.areaflow.launcher.cli.backtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.launcher.cli.CliProcess;
import dev.areaflow.launcher.cli.LineServer;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private LineServer server;
  private CliProcess area;
  private Path file;

  @BeforeEach
  void start() throws IOException {
    server = new LineServer("/api/v1/areas/backtest");
    area = new CliProcess(home).with("AREA_SERVER", server.address()).with("AREA_TOKEN", "test");
    file = Files.writeString(home.resolve("a.yaml"), "name: A\nreactions: []\n");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void firingsAndTheirSummaryAreShown() throws IOException {
    // given
    server.answer(BEFORE);

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
    assertThat(server.requests().getFirst().path("from").asText())
        .isEqualTo("2026-05-30T10:00:00Z");
    assertThat(server.requests().getFirst().path("to").asText()).isEqualTo("2026-06-01T10:00:00Z");
    assertThat(server.requests().getFirst().at("/definition/name").asText()).isEqualTo("A");
    assertThat(server.requests().getFirst().has("areaId")).isFalse();
  }

  @Test
  void someOfTheEventsAreChosen() throws IOException {
    // given
    server.answer(BEFORE);

    // when, then
    assertThat(area.run("backtest", "Live", "--event", "a", "--event", "b", "--when", "true"))
        .isZero();
    assertThat(server.requests().getFirst().path("eventIds").toString()).isEqualTo("[\"a\",\"b\"]");
    assertThat(server.requests().getFirst().path("when").asText()).isEqualTo("true");
    assertThat(server.requests().getFirst().has("from")).isFalse();
  }

  @Test
  void programsGetTheLines() throws IOException {
    // given
    server.answer(BEFORE);

    // when, then
    assertThat(area.run("backtest", "Live", "--json", "--from", "2026-05-01")).isZero();
    assertThat(area.jsonLines())
        .extracting(line -> line.path("type").asText())
        .containsExactly("firing", "firing", "problem", "summary");
    assertThat(server.requests().getFirst().path("areaId").asText()).isEqualTo("live-id");
  }

  @Test
  void twoAreComparedByTheEventsThatMadeThemFire() throws IOException {
    // given
    server.answer(BEFORE);
    server.answer(AFTER);

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
    assertThat(server.requests().getFirst().has("definition")).isFalse();
    assertThat(server.requests().getLast().has("definition")).isTrue();
    assertThat(server.requests().getLast().path("areaId").asText()).isEqualTo("live-id");
    server.answer(BEFORE);
    server.answer(AFTER);
    assertThat(area.run("backtest", "Live", "--json", "--compare", file.toString())).isZero();
    assertThat(area.jsonLines())
        .extracting(line -> line.path("type").asText())
        .containsExactly("problem", "went", "changed", "came", "summary");
    assertThat(area.jsonLines().get(2).at("/before/0/inputs/n").asInt()).isEqualTo(2);
  }

  @Test
  void whatIsWrongInTheFileIsToldWithItsLine() {
    // given
    server.status(422);
    server.answer(
        "{\"title\":\"Invalid\",\"status\":422,\"detail\":\"bad\",\"errors\":"
            + "[{\"pointer\":\"/definition/reactions\",\"detail\":\"Expected some.\"}]}");

    // when, then
    assertThat(area.run("backtest", "-f", file.toString())).isEqualTo(ExitCode.FAILED);
    assertThat(area.err()).contains("a.yaml:2: /reactions Expected some.");
  }

  @Test
  void hooksThatHaveAPastAreOfferedAndOneIsChosen() throws IOException {
    // given
    server.status(409);
    server.answer(
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
    server.status(200);
    server.answer(AFTER);
    assertThat(area.run("backtest", "Live", "--hook", "h1")).isZero();
    assertThat(server.requests().getLast().path("hooks").path("").asText()).isEqualTo("h1");
    server.answer(AFTER);
    assertThat(area.run("backtest", "Live", "--hook", "a=h1", "--hook", "b=h2")).isZero();
    assertThat(server.requests().getLast().path("hooks").toString())
        .isEqualTo("{\"a\":\"h1\",\"b\":\"h2\"}");
  }

  @Test
  void oneThatCannotGoOnSaysWhy() {
    // given
    server.answer("{\"type\":\"error\",\"title\":\"Unavailable\",\"detail\":\"Kafka is away.\"}\n");
    server.answer("{\"type\":\"error\",\"title\":\"Ended early\",\"detail\":\"Too much.\"}\n");

    // when, then
    assertThat(area.run("backtest", "Live")).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(area.err()).contains("Unavailable: Kafka is away.");
    assertThat(area.run("backtest", "Live")).isEqualTo(ExitCode.FAILED);
  }

  @Test
  void aServerThatIsNoApiIsToldApart() {
    // given
    server.answer("<html>Welcome</html>");

    // when, then
    assertThat(area.run("backtest", "Live")).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(area.err()).contains("is --server or AREA_SERVER the address of the API?");
  }

  @Test
  void oneThatBreaksOffIsNoSuccess() {
    // given
    server.answer("{\"type\":\"progress\",\"read\":2,\"of\":4}\n");

    // when, then
    assertThat(area.run("backtest", "Live")).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(area.err()).contains("ended without its summary");
    assertThat(area.run("backtest")).isEqualTo(ExitCode.USAGE);
  }
}
