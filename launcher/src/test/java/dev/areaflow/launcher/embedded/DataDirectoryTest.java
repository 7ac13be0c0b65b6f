package dev.areaflow.launcher.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirectoryTest {
  @TempDir private Path folder;

  @Test
  void aSecondInstanceOnTheSameDataIsRefusedAndNamesTheFirst() {
    // given
    try (DataDirectory first = DataDirectory.lock(folder)) {

      // when
      assertThatThrownBy(() -> DataDirectory.lock(first.root()))

          // then
          .isInstanceOf(EmbeddedStackException.class)
          .hasMessageContaining("another instance runs on " + folder)
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
  }

  @Test
  void theLockEndsWithItsHolder() {
    // given
    DataDirectory.lock(folder).close();

    // when
    try (DataDirectory next = DataDirectory.lock(folder)) {

      // then
      assertThat(next.root()).isEqualTo(folder);
    }
  }

  @Test
  void aSecretIsMadeOnceAndOnlyItsOwnerMayReadIt() throws Exception {
    // given
    String secret;
    try (DataDirectory data = DataDirectory.lock(folder)) {
      secret = data.secret("hooks.key");
    }

    // when
    try (DataDirectory data = DataDirectory.lock(folder)) {

      // then
      assertThat(data.secret("hooks.key")).isEqualTo(secret);
      assertThat(data.secret("another")).isNotEqualTo(secret);
      assertThat(Base64.getDecoder().decode(secret)).hasSize(32);
      assertThat(Files.getPosixFilePermissions(folder.resolve("secrets/hooks.key")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      assertThat(Files.getPosixFilePermissions(folder.resolve("secrets")))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void onlyTheOwnerMayLookInside() throws Exception {
    // given
    Path root = folder.resolve("data");

    // when
    DataDirectory.lock(root).close();

    // then
    assertThat(Files.getPosixFilePermissions(root))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void aRememberedPortThatIsNoneIsForgotten() throws Exception {
    // given
    Files.writeString(folder.resolve("ports.properties"), "postgres=54x\n");

    // when
    try (DataDirectory data = DataDirectory.lock(folder)) {

      // then
      assertThat(data.rememberedPort("postgres")).isEmpty();
      data.rememberPort("postgres", 5432);
      assertThat(data.rememberedPort("postgres")).hasValue(5432);
    }
  }
}
