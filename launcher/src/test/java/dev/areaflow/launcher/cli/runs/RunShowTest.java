package dev.areaflow.launcher.cli.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.launcher.cli.CliProcess;
import dev.areaflow.launcher.cli.LineServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code area runs show} against answers as the API gives them. */
final class RunShowTest {
  @TempDir private Path home;
  private LineServer server;
  private CliProcess area;

  @BeforeEach
  void start() throws IOException {
    server = new LineServer("/api/v1/runs/r1");
    area =
        new CliProcess(home).with("AREA_SERVER", server.address()).with("AREA_TOKEN", "area_test");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void whatARuleCollectedAndAReplayLeftOutIsShown() {
    // given
    server.answer(
        """
        {"id":"r1","areaId":"a","status":"succeeded","startedAt":"2026-05-30T08:00:00Z","replayId":"p1",
         "steps":[{"id":"tell","status":"skipped","attempts":0,"error":null,"reason":"A replay leaves it out."}],
         "events":[{"id":"e1"},{"id":"e2"}],"event":{"id":"e2","payload":{"n":2}}}
        """);

    // when
    int code = area.run("runs", "show", "r1");

    // then
    assertThat(code).as(area.err()).isZero();
    assertThat(area.out())
        .contains("a (replay)", "of replay p1", "A replay leaves it out.")
        .contains("made by 2 events: e1, e2\n", "event e2\n");
  }

  @Test
  void aRunThatNoEventMadeSaysSo() {
    // given
    server.answer(
        """
        {"id":"r1","areaId":"a","status":"succeeded","startedAt":"2026-05-30T08:00:00Z","replayId":null,
         "steps":[],"events":[],"event":{"id":"","payload":null,"detail":"That no event came made this run."}}
        """);

    // when
    int code = area.run("runs", "show", "r1");

    // then
    assertThat(code).as(area.err()).isZero();
    assertThat(area.out())
        .contains("That no event came made this run.")
        .doesNotContain("event \n", "of replay", "made by");
  }
}
