package dev.areaflow.launcher.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordedProcessTest {
  @TempDir private Path folder;
  private Path file;
  private Process child;

  @BeforeEach
  void startChild() throws Exception {
    file = folder.resolve("process");
    child = new ProcessBuilder("sleep", "600").start();
  }

  @AfterEach
  void endChild() {
    child.destroyForcibly();
  }

  @Test
  void aRecordedProcessIsEnded() throws Exception {
    // given
    RecordedProcess.record(file, child.toHandle());

    // when
    RecordedProcess.endLeftover(file);

    // then
    assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(file).doesNotExist();
  }

  @Test
  void aProcessThatOnlyHasTheRecordedIdIsLeftAlone() throws Exception {
    // given
    Files.writeString(file, child.pid() + "\n2001-01-01T00:00:00Z\n");

    // when
    RecordedProcess.endLeftover(file);

    // then
    assertThat(child.isAlive()).isTrue();
    assertThat(file).doesNotExist();
  }

  @Test
  void nothingRecordedIsNothingToEnd() {
    // given
    assertThat(file).doesNotExist();

    // when
    RecordedProcess.endLeftover(file);

    // then
    assertThat(child.isAlive()).isTrue();
  }
}
