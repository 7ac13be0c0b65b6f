package dev.areaflow.launcher.cdc;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.launcher.embedded.KafkaBroker;
import dev.areaflow.launcher.embedded.Ports;
import dev.areaflow.schemas.config.Settings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConnectWorkerIT {
  @TempDir private Path folder;

  @Test
  void aWorkerWhosePortIsTakenSaysWhichAndTheSettingsThatMoveIt() throws Exception {
    // given
    try (var broker = new KafkaBroker(folder, Ports.free(), Ports.free());
        var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      broker.start();
      CdcConfig config =
          CdcConfig.from(
              Settings.of(
                  Map.of(
                      "kafka.bootstrap-servers", broker.bootstrapServers(),
                      "registry.url", "http://127.0.0.1:1",
                      "database.url", "jdbc:postgresql://127.0.0.1:1/areaflow",
                      "database.password", "unused",
                      "cdc.rest-port", Integer.toString(other.getLocalPort()))));

      // when, then
      assertThatThrownBy(() -> ConnectWorker.start(ConnectorConfiguration.worker(config)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll(
              "http://127.0.0.1:" + other.getLocalPort(),
              "cdc.rest-port",
              "Address already in use");
    }
  }
}
