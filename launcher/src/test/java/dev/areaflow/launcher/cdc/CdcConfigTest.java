package dev.areaflow.launcher.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.config.InvalidSettingsException;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CdcConfigTest {
  @Test
  void keysArePublic() {
    // given
    // when
    var keys = CdcConfig.SETTINGS.stream().map(Setting::key);

    // then
    assertThat(keys)
        .containsExactly(
            "kafka.bootstrap-servers",
            "registry.url",
            "topics.partitions",
            "topics.replication-factor",
            "topics.events-retention-mebibytes",
            "database.url",
            "database.user",
            "database.password",
            "cdc.group",
            "cdc.rest-host",
            "cdc.rest-port",
            "cdc.poll-interval",
            "cdc.heartbeat-interval");
  }

  @Test
  void defaultsServeASingleWorker() {
    // given
    Settings settings =
        Settings.of(
            Map.of(
                "kafka.bootstrap-servers", "127.0.0.1:9092",
                "registry.url", "http://127.0.0.1:8081/apis/registry/v3",
                "database.url", "jdbc:postgresql://127.0.0.1/areaflow",
                "database.password", "secret"));

    // when
    CdcConfig config = CdcConfig.from(settings);

    // then
    assertThat(config.group()).isEqualTo("areaflow-cdc");
    assertThat(config.restHost()).isEqualTo("127.0.0.1");
    assertThat(config.restPort()).isZero();
    assertThat(config.pollInterval()).isEqualTo(Duration.ofMillis(20));
    assertThat(config.heartbeatInterval()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.database().user()).isEqualTo("areaflow");
    assertThat(config.database().address().port()).isEqualTo(5432);
  }

  @Test
  void anAddressOfAnotherDatabaseIsRefusedWithWhatWasExpected() {
    // given
    Settings settings = Settings.of(Map.of("database.url", "jdbc:mysql://127.0.0.1/areaflow"));

    // when
    assertThatThrownBy(() -> settings.check(CdcConfig.SETTINGS))

        // then
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining(
            "database.url is \"jdbc:mysql://127.0.0.1/areaflow\":"
                + " expected jdbc:postgresql://HOST:PORT/DATABASE")
        .hasMessageContaining("database.password is required");
  }
}
