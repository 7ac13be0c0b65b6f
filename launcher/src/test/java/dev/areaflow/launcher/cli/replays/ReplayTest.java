package dev.areaflow.launcher.cli.replays;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.launcher.cli.CliProcess;
import dev.areaflow.launcher.cli.LineServer;
import dev.areaflow.launcher.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code area replay} against answers as the API gives them. */
final class ReplayTest {
  private static final String DRY_RUN =
      """
      {"type":"firing","at":"2026-05-30T08:00:00Z","eventIds":["e1"],"commands":[],"skipped":{"tell":"not safe"}}
      {"type":"summary","read":4,"skipped":3,"matched":1,"refused":{},"dropped":{},"fired":1,"seconds":0.2}
      """;

  @TempDir private Path home;
  private LineServer server;
  private CliProcess area;

  @BeforeEach
  void start() throws IOException {
    server = new LineServer("/api/v1/areas/live-id/replay");
    area = new CliProcess(home).with("AREA_SERVER", server.address()).with("AREA_TOKEN", "test");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aReplayThatIsNotLiveShowsWhatItWouldDo() throws IOException {
    // given
    server.answer(DRY_RUN);

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
    assertThat(server.requests().getFirst().path("mode").asText()).isEqualTo("dryRun");
    assertThat(server.requests().getFirst().path("when").asText()).isEqualTo("event.n > 1");
    assertThat(server.requests().getFirst().path("from").asText())
        .isEqualTo("2026-05-30T10:00:00Z");
    server.answer(DRY_RUN);
    assertThat(area.run("replay", "Live", "--dry-run", "--event", "e1", "--json")).isZero();
    assertThat(area.jsonLines())
        .extracting(line -> line.path("type").asText())
        .containsExactly("firing", "summary");
    assertThat(area.run("replay", "Live", "--dry-run", "--live", "--event", "e1"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void aReplayThatIsLiveIsAskedFor() throws IOException {
    // given
    server.answer("{\"id\":\"r1\"}");

    // when, then
    assertThat(area.run("replay", "Live", "--live", "--event", "e1")).isZero();
    assertThat(area.out()).contains("area replays show r1");
    assertThat(server.requests().getFirst().path("mode").asText()).isEqualTo("live");
  }

  @Test
  void aReplayThatFoundNothingSaysSo() throws IOException {
    // given
    try (LineServer replays = new LineServer("/api/v1/replays/r1")) {
      area.with("AREA_SERVER", replays.address());
      replays.answer("{\"id\":\"r1\",\"status\":\"finished\",\"sent\":0,\"skipped\":0}");
      replays.answer("{\"id\":\"r1\",\"status\":\"finished\",\"sent\":0,\"skipped\":3}");

      // when, then
      assertThat(area.run("replays", "show", "r1")).isZero();
      assertThat(area.out()).contains("It found nothing to send;");
      assertThat(area.run("replays", "show", "r1")).isZero();
      assertThat(area.out()).doesNotContain("It found nothing to send;");
    }
  }
}
