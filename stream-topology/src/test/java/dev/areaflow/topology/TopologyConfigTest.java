package dev.areaflow.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.topics.TopicSettings;
import dev.areaflow.topology.rules.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TopologyConfigTest {
  @Test
  void theDefaultsStayAsTheyAre() {
    // when
    TopologyConfig config = TopologyConfig.from(settings(Map.of()));

    // then
    assertThat(config)
        .isEqualTo(
            new TopologyConfig(
                TopicSettings.from(settings(Map.of())),
                Path.of("data/state"),
                1,
                0,
                Duration.ofSeconds(6),
                Duration.ofSeconds(10),
                Duration.ofMillis(40),
                Duration.ofDays(3),
                Duration.ofMinutes(1),
                Duration.ofSeconds(15),
                Duration.ofSeconds(10),
                List.of(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(10),
                    Duration.ofHours(1),
                    Duration.ofHours(3),
                    Duration.ofHours(8),
                    Duration.ofHours(12)),
                10_000,
                96,
                new Usage.Limits(1_000_000, 256 * 1024 * 1024)));
  }

  @Test
  void theKeysStayAsTheyAre() {
    // when, then
    assertThat(TopologyConfig.SETTINGS.stream().map(Setting::key))
        .contains(
            "state.dir",
            "topology.threads",
            "topology.standbys",
            "topology.session-timeout",
            "topology.transaction-timeout",
            "topology.commit-interval",
            "topology.deduplication-window",
            "topology.command-validity",
            "executors.call-timeout",
            "topology.clock-skew",
            "topology.retry-delays",
            "topology.compiled-plans",
            "topology.store-mebibytes",
            "topology.rule-keys",
            "topology.rule-mebibytes",
            "kafka.bootstrap-servers");
  }

  @Test
  void aWindowThatIsTooShortIsRefused() {
    // given
    Settings settings = settings(Map.of("topology.deduplication-window", "PT59S"));

    // when
    TopologyConfig.from(settings);

    // then
    assertThatThrownBy(settings::check)
        .hasMessageContaining("topology.deduplication-window")
        .hasMessageContaining("PT1M");
  }

  @Test
  void theShortestWindowIsAccepted() {
    // when
    TopologyConfig config =
        TopologyConfig.from(settings(Map.of("topology.deduplication-window", "PT1M")));

    // then
    assertThat(config.deduplicationWindow()).isEqualTo(Duration.ofMinutes(1));
  }

  private static Settings settings(Map<String, String> values) {
    Map<String, String> all = new HashMap<>(values);
    all.put("kafka.bootstrap-servers", "127.0.0.1:9092");
    all.put("registry.url", "http://127.0.0.1:8081/apis/registry/v3");
    return Settings.of(all);
  }
}
