package dev.areaflow.launcher;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.launcher.embedded.DataDirectory;
import dev.areaflow.launcher.embedded.EmbeddedStackException;
import dev.areaflow.launcher.embedded.StartProgress;
import dev.areaflow.schemas.config.InvalidSettingsException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlatformTest {
  @TempDir private Path folder;

  @Test
  void aTakenPortIsAnErrorBeforeAnythingStarts() throws Exception {
    // given
    Path data = folder.resolve("data");
    try (var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        Platform platform =
            new Platform(
                SettingSources.of(
                    Map.of(
                        "data", data.toString(),
                        "api.port", "0",
                        "hooks.port", Integer.toString(other.getLocalPort()))),
                folder)) {

      // when
      assertThatThrownBy(() -> platform.start(new Refusing(), Duration.ofSeconds(1)))

          // then
          .isInstanceOf(EmbeddedStackException.class)
          .hasMessageContaining("port " + other.getLocalPort() + " of 127.0.0.1 (hooks.port)")
          .hasMessageContaining("--hooks-port or AREA_HOOKS_PORT");
    }
    DataDirectory.lock(data).close();
  }

  @Test
  void aSecondInstanceOnTheSameDataIsToldSoBeforeItsPortsAreChecked() throws Exception {
    // given
    try (DataDirectory held = DataDirectory.lock(folder);
        var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        Platform platform =
            new Platform(
                SettingSources.of(
                    Map.of(
                        "data", held.root().toString(),
                        "api.port", Integer.toString(other.getLocalPort()))),
                folder)) {

      // when
      assertThatThrownBy(() -> platform.start(new Refusing(), Duration.ofSeconds(1)))

          // then
          .isInstanceOf(EmbeddedStackException.class)
          .hasMessageContaining("another instance runs on");
    }
  }

  @Test
  void aPortThatIsNoneIsRefused() {
    // given
    SettingSources sources = SettingSources.of(Map.of("api.port", "abc"));

    // when
    assertThatThrownBy(() -> new Platform(sources, folder))

        // then
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("api.port is \"abc\"");
  }

  @Test
  void oneFileServesAllCommandsButHasNoUnknownKeys() {
    // given
    SettingSources sources =
        new SettingSources(
            Map.of(),
            Map.of(),
            Map.of("data", "d", "admin.port", "1", "database.url", "jdbc:x", "dta", "d"));

    // when
    assertThatThrownBy(() -> new Platform(sources, folder))

        // then
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("dta is not a setting")
        .hasMessageNotContainingAny("data is", "admin.port", "database.url");
  }

  @Test
  void theSettingsOfLoginsAreKnownAndCheckedAtTheStart() {
    // given
    SettingSources sources =
        new SettingSources(
            Map.of(),
            Map.of(),
            Map.of("login.providers", "corp", "login.corp.issuer", "x", "login.crop.name", "x"));

    // when
    assertThatThrownBy(() -> new Platform(sources, folder))

        // then
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("login.corp.client-id is missing")
        .hasMessageContaining("login.crop.name is not a setting")
        .hasMessageNotContaining("login.corp.issuer is not a setting");
  }

  /** Nothing may start. */
  private record Refusing() implements StartProgress {
    @Override
    public void starting(String part) {
      throw new AssertionError(part);
    }

    @Override
    public void started(String part, String detail, Duration took) {
      throw new AssertionError(part);
    }
  }
}
