package dev.areaflow.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class SinkCommandTest {
  @Test
  void aStatusThatIsNoneIsAMistakeInItsUse() {
    // given
    StringWriter err = new StringWriter();

    // when
    int status = Main.commandLine().setErr(new PrintWriter(err)).execute("sink", "--status", "700");

    // then
    assertThat(status).isEqualTo(2);
    assertThat(err.toString()).contains("--status: expected 200 to 599, found 700");
  }
}
