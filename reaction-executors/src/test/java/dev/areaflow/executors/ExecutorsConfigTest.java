package dev.areaflow.executors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.catalog.vault.KeysetFile;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutorsConfigTest {
  @Test
  void theDefaultsFitTogether(@TempDir Path folder) throws IOException {
    // when
    ExecutorsConfig config =
        ExecutorsConfig.from(
            Settings.of(
                Map.of(
                    "kafka.bootstrap-servers", "127.0.0.1:9092",
                    "registry.url", "http://127.0.0.1:8081/apis/registry/v3",
                    "database.url", "jdbc:postgresql://127.0.0.1:5432/areaflow",
                    "vault.keyset", keyset(folder))));

    // then
    assertThat(config.consumers()).isEqualTo(4);
    assertThat(config.batch()).isEqualTo(64);
    assertThat(config.inFlight()).isEqualTo(1_024);
    assertThat(config.inFlightMebibytes()).isEqualTo(64);
    assertThat(config.http().callTimeout()).isEqualTo(Duration.ofSeconds(15));
    assertThat(config.hostCalls()).isEqualTo(256);
    assertThat(config.hostSlowCalls()).isEqualTo(16);
    assertThat(config.hostRate()).isEqualTo(10_000);
    assertThat(config.longestCall()).isEqualTo(Duration.ofMinutes(5));
    assertThat(config.breakers())
        .isEqualTo(
            new Breakers.Limits(
                10, 70, Duration.ofMinutes(5), Duration.ofSeconds(30), Duration.ofMinutes(10)));
    // one fast host may have all that the consumers have in hand
    assertThat(config.consumers() * config.batch()).isLessThanOrEqualTo(config.hostCalls());
    assertThat(config.hostCalls())
        .isLessThanOrEqualTo((config.inFlight() - config.hostCalls()) / 2);
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
            "executors.longest-call",
            "executors.breaker-least-calls",
            "executors.breaker-failure-percent",
            "executors.breaker-window",
            "executors.breaker-open",
            "executors.breaker-longest-open",
            "executors.call-timeout",
            "egress.allow",
            "database.url",
            "vault.keyset",
            "services.dir",
            "services.callers",
            "kafka.bootstrap-servers");
  }

  private static String keyset(Path folder) throws IOException {
    Path file = folder.resolve("vault.json");
    new KeysetFile(file).readOrCreate();
    return file.toString();
  }
}
