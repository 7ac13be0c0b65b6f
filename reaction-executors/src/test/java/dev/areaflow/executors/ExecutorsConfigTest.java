package dev.areaflow.executors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExecutorsConfigTest {
  @Test
  void theDefaultsFitTogether() {
    // when
    ExecutorsConfig config =
        ExecutorsConfig.from(
            Settings.of(
                Map.of(
                    "kafka.bootstrap-servers", "127.0.0.1:9092",
                    "registry.url", "http://127.0.0.1:8081/apis/registry/v3")));

    // then
    assertThat(config.consumers()).isEqualTo(4);
    assertThat(config.batch()).isEqualTo(64);
    assertThat(config.inFlight()).isEqualTo(1_024);
    assertThat(config.inFlightMebibytes()).isEqualTo(64);
    assertThat(config.http().callTimeout()).isEqualTo(Duration.ofSeconds(15));
    assertThat(config.hostCalls()).isEqualTo(256);
    assertThat(config.hostSlowCalls()).isEqualTo(16);
    assertThat(config.hostRate()).isEqualTo(10_000);
    // one fast host may have all that the consumers have in hand
    assertThat(config.consumers() * config.batch()).isLessThanOrEqualTo(config.hostCalls());
  }

  @Test
  void theKeysStayAsTheyAre() {
    // when, then
    assertThat(ExecutorsConfig.SETTINGS.stream().map(Setting::key))
        .contains(
            "executors.consumers",
            "executors.batch",
            "executors.in-flight",
            "executors.in-flight-mebibytes",
            "executors.host-calls",
            "executors.host-slow-calls",
            "executors.host-rate",
            "executors.call-timeout",
            "egress.allow",
            "services.dir",
            "kafka.bootstrap-servers");
  }
}
