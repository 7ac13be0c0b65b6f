package dev.areaflow.launcher.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedStackTest {
  @TempDir private Path folder;

  @Test
  void allDataShareTheCacheOfTheInstallationWhichIsItsOwnersAlone() throws Exception {
    // given
    Path installation = Files.createDirectory(folder.resolve("installation"));
    try (DataDirectory one = DataDirectory.lock(folder.resolve("one"));
        DataDirectory other = DataDirectory.lock(folder.resolve("other"))) {

      // when
      Path cache = EmbeddedStack.cache(one, installation);

      // then
      assertThat(cache).isEqualTo(installation.resolve("cache")).isDirectory();
      assertThat(EmbeddedStack.cache(other, installation)).isEqualTo(cache);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void dataHaveACacheOfTheirOwnWhereTheInstallationCannotHaveOne() throws Exception {
    // given
    try (DataDirectory data = DataDirectory.lock(folder.resolve("data"))) {

      // when
      Path cache = EmbeddedStack.cache(data, folder.resolve("nowhere"));

      // then
      assertThat(cache).isEqualTo(data.root().resolve("cache")).isDirectory();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)))
          .isEqualTo("rwx------");
    }
  }
}
