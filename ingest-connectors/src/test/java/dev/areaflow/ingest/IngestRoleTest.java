package dev.areaflow.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.vault.KeysetFile;
import dev.areaflow.schemas.config.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The role where there is no Kafka; with one it is tested end to end. */
final class IngestRoleTest {
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();

  @TempDir private Path stateDir;

  @Test
  void aRoleThatNeverStartedIsClosedAllTheSame() throws IOException {
    // given
    IngestRole role = role(0);

    // when, then
    assertThatCode(role::close).doesNotThrowAnyException();
  }

  @Test
  void aRoleWhosePortIsTakenIsClosedAllTheSame() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // given
      IngestRole role = role(taken.getLocalPort());
      assertThatThrownBy(role::start).hasMessageContaining("hooks.port");

      // when, then
      assertThatCode(role::close).doesNotThrowAnyException();
    }
  }

  @Test
  void aRoleThatStillWaitsForKafkaIsClosedAllTheSame() throws IOException {
    // given
    IngestRole role = role(0);
    role.start();
    assertThat(role.notReady()).isNotEmpty();

    // when, then
    assertThatCode(role::close).doesNotThrowAnyException();
  }

  private IngestRole role(int port) throws IOException {
    return new IngestRole(
        IngestConfig.from(
            Settings.of(
                Map.of(
                    "kafka.bootstrap-servers",
                    "127.0.0.1:1",
                    "registry.url",
                    "http://127.0.0.1:1/apis/registry/v3",
                    "hooks.key",
                    Base64.getEncoder().encodeToString(new byte[32]),
                    "hooks.port",
                    String.valueOf(port),
                    "database.url",
                    "jdbc:postgresql://127.0.0.1:1/areaflow",
                    "vault.keyset",
                    keyset(stateDir),
                    "state.dir",
                    stateDir.toString()))),
        CATALOG,
        (asked, lines) -> {},
        new SimpleMeterRegistry());
  }

  private static String keyset(Path folder) throws IOException {
    Path file = folder.resolve("vault.json");
    new KeysetFile(file).readOrCreate();
    return file.toString();
  }
}
