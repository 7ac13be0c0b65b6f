package dev.areaflow.launcher.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PostgresServerTest {
  @TempDir private Path folder;

  @Test
  void anIdThatHasGoneToAnotherProcessIsForgotten() throws Exception {
    // given
    try (DataDirectory data = DataDirectory.lock(folder)) {
      Path pidFile = data.directory("postgres/cluster").resolve("postmaster.pid");
      Files.writeString(pidFile, ProcessHandle.current().pid() + "\n");

      // when
      PostgresServer.endLeftover(data);

      // then
      assertThat(pidFile).doesNotExist();
      assertThat(ProcessHandle.current().isAlive()).isTrue();
    }
  }
}
