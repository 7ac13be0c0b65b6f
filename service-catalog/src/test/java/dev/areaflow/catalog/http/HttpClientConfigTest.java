package dev.areaflow.catalog.http;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.config.Settings;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HttpClientConfigTest {
  private static final Settings SETTINGS =
      Settings.of(
          Map.of(
              "egress.allow", "127.0.0.1",
              "egress.deny", "127.0.0.1:7001",
              "kafka.bootstrap-servers", "127.0.0.1:9092, 127.0.0.1:9093",
              "registry.url", "http://127.0.0.1:8081/apis/registry/v3",
              "database.url", "jdbc:postgresql://127.0.0.1,127.0.0.1:5433/areaflow?ssl=true",
              "cdc.rest-port", "8083",
              "admin.port", "8070"));

  @ParameterizedTest
  @CsvSource({
    "9092, Kafka",
    "9093, Kafka",
    "8081, schema registry",
    "5432, database",
    "5433, database",
    "8083, Kafka Connect",
    "8070, operators",
    "7001, AREA_EGRESS_DENY",
  })
  void thePlatformsOwnListenersAreDeniedByName(int port, String what) {
    assertThatThrownBy(() -> resolve(port))
        .isInstanceOf(BlockedTargetException.class)
        .hasMessageContaining("127.0.0.1:" + port)
        .hasMessageContaining(what);
  }

  @Test
  void everythingElseIsAsAllowed() {
    assertThatCode(() -> resolve(9999)).doesNotThrowAnyException();
  }

  private static void resolve(int port) throws Exception {
    HttpClientConfig.from(SETTINGS)
        .egress()
        .resolve("127.0.0.1", port, name -> List.of(InetAddress.ofLiteral(name)));
  }
}
