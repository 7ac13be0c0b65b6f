package dev.areaflow.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.catalog.vault.KeysetFile;
import dev.areaflow.ingest.ingress.IngressLimits;
import dev.areaflow.schemas.config.InvalidSettingsException;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IngestConfigTest {
  private static final String KEY = "YSBrZXkgb2YgdGhpcnR5LXR3byBieXRlcywgbm8gbW9yZQ==";

  @Test
  void keysArePublic() {
    // given
    // when
    var keys = IngestConfig.SETTINGS.stream().map(Setting::key);

    // then
    assertThat(keys)
        .containsExactly(
            "kafka.bootstrap-servers",
            "registry.url",
            "topics.partitions",
            "topics.replication-factor",
            "topics.events-retention-mebibytes",
            "egress.allow",
            "egress.deny",
            "egress.connect-timeout",
            "executors.call-timeout",
            "egress.max-response-bytes",
            "egress.max-connections",
            "egress.max-connections-per-host",
            "database.url",
            "database.user",
            "database.password",
            "services.dir",
            "services.callers",
            "hooks.host",
            "hooks.port",
            "hooks.url",
            "hooks.key",
            "vault.keyset",
            "hooks.rate",
            "hooks.max-body-bytes",
            "hooks.body-within",
            "hooks.max-connections",
            "hooks.max-in-flight",
            "hooks.max-in-flight-mebibytes",
            "state.dir");
  }

  @Test
  void defaultsListenOnThisMachineOnlyAndBoundEverything(@TempDir Path folder) throws IOException {
    // given
    Settings settings =
        Settings.of(
            Map.of(
                "kafka.bootstrap-servers", "127.0.0.1:9092",
                "registry.url", "http://127.0.0.1:8081/apis/registry/v3",
                "hooks.key", KEY,
                "database.url", "jdbc:postgresql://127.0.0.1:5432/areaflow",
                "vault.keyset", keyset(folder)));

    // when
    IngestConfig config = IngestConfig.from(settings);

    // then
    assertThat(config.kafka().bootstrapServers()).isEqualTo("127.0.0.1:9092");
    assertThat(config.host()).isEqualTo("127.0.0.1");
    assertThat(config.port()).isEqualTo(8090);
    assertThat(config.hooksUrl()).hasToString("http://127.0.0.1:8090");
    assertThat(config.key().value()).isEqualTo(KEY);
    assertThat(config.limits())
        .isEqualTo(
            new IngressLimits(
                1_048_576, 20_000, 2_048, 1_024, 64L * 1_048_576, Duration.ofSeconds(10)));
    assertThat(config.stateDir()).isEqualTo(Path.of("data/state"));
    assertThat(config.services().directory()).isEmpty();
  }

  @Test
  void whatIsMissingOrOutOfBoundsIsReportedTogether() {
    // given
    Settings settings =
        Settings.of(Map.of("hooks.max-body-bytes", "9999999", "hooks.body-within", "PT0S"));

    // when
    assertThatThrownBy(() -> settings.check(IngestConfig.SETTINGS))

        // then
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("kafka.bootstrap-servers is required")
        .hasMessageContaining("hooks.key is required")
        .hasMessageContaining("hooks.max-body-bytes is \"9999999\"")
        .hasMessageContaining("hooks.body-within is \"PT0S\"");
  }

  @Test
  void theKeyIsNotPrinted(@TempDir Path folder) throws IOException {
    // given
    Settings settings =
        Settings.of(
            Map.of(
                "kafka.bootstrap-servers", "127.0.0.1:9092",
                "registry.url", "http://127.0.0.1:8081/apis/registry/v3",
                "hooks.key", KEY,
                "database.url", "jdbc:postgresql://127.0.0.1:5432/areaflow",
                "vault.keyset", keyset(folder)));

    // when
    String printed = IngestConfig.from(settings).toString();

    // then
    assertThat(printed).doesNotContain(KEY);
  }

  private static String keyset(Path folder) throws IOException {
    Path file = folder.resolve("vault.json");
    new KeysetFile(file).readOrCreate();
    return file.toString();
  }
}
