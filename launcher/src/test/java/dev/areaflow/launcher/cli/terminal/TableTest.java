package dev.areaflow.launcher.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.launcher.cli.CliProcess;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TableTest {
  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    // when
    String printed = printed(Map.of(), false);

    // then
    assertThat(printed)
        .isEqualToNormalizingNewlines(
            """
            NAME        STATUS  WHY
            été         live
            \\u001b[31m  error   broken
            """);
  }

  @Test
  void aStatusIsColouredOnATerminalWhoseWidthsStay() {
    assertThat(printed(Map.of(), true))
        .contains("été         \u001b[32mlive\u001b[0m\n")
        .contains("\u001b[31merror\u001b[0m   broken");
  }

  @Test
  void whoWantsNoColoursGetsNone() {
    assertThat(printed(Map.of("NO_COLOR", "1"), true)).isEqualTo(printed(Map.of(), false));
    assertThat(printed(Map.of("TERM", "dumb"), true)).isEqualTo(printed(Map.of(), false));
  }

  private static String printed(Map<String, String> environment, boolean terminal) {
    Surroundings surroundings =
        new Surroundings(
            environment,
            Path.of(""),
            InputStream.nullInputStream(),
            terminal ? new CliProcess.Person("") : new CliProcess.NobodyThere(),
            Clock.systemUTC());
    StringWriter out = new StringWriter();
    new Table("NAME", "STATUS", "WHY")
        .row("été", "live", "")
        .row("\u001b[31m", "error", "broken")
        .print(new PrintWriter(out, true), Palette.of(surroundings));
    return out.toString();
  }
}
