package dev.areaflow.launcher.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PortsTest {
  @TempDir private Path folder;

  @Test
  void aPartGetsThePortOfItsLastStart() {
    // given
    try (DataDirectory data = DataDirectory.lock(folder)) {
      int port = new Ports(data).of("kafka");

      // when
      int next = new Ports(data).of("kafka");

      // then
      assertThat(next).isEqualTo(port);
    }
  }

  @Test
  void aRememberedPortThatIsTakenByNowIsReplaced() throws Exception {
    // given
    try (DataDirectory data = DataDirectory.lock(folder)) {
      int port = new Ports(data).of("kafka");
      try (var other = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {

        // when
        int next = new Ports(data).of("kafka");

        // then
        assertThat(next).isNotEqualTo(other.getLocalPort());
        assertThat(Ports.isFree("127.0.0.1", port)).isFalse();
        assertThat(new Ports(data).of("kafka")).isEqualTo(next);
      }
    }
  }

  @Test
  void differentPartsGetDifferentPorts() {
    // given
    try (DataDirectory data = DataDirectory.lock(folder)) {
      Ports ports = new Ports(data);

      // when
      int kafka = ports.of("kafka");

      // then
      assertThat(ports.of("postgres")).isNotEqualTo(kafka);
    }
  }

  @Test
  void portsAreNoneThatOutgoingConnectionsGet() {
    // given
    try (DataDirectory data = DataDirectory.lock(folder)) {
      data.rememberPort("kafka", 40_000);

      // when
      int kafka = new Ports(data).of("kafka");
      List<Integer> free = Stream.generate(Ports::free).limit(100).toList();

      // then
      assertThat(kafka).isBetween(16_384, 32_767);
      assertThat(free).allMatch(port -> port >= 16_384 && port <= 32_767);
    }
  }
}
