package dev.areaflow.launcher.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.topics.Topics;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConnectorConfigurationTest {
  private static final CdcConfig CONFIG = config(Map.of());

  private static CdcConfig config(Map<String, String> more) {
    Map<String, String> values = new HashMap<>(more);
    values.put("kafka.bootstrap-servers", "127.0.0.1:9092");
    values.put("registry.url", "http://127.0.0.1:8081/apis/registry/v3");
    values.put("database.url", "jdbc:postgresql://db.example.org:5433/areaflow?sslmode=require");
    values.put("database.password", "secret");
    return CdcConfig.from(Settings.of(values));
  }

  @Test
  void onlyTheThreeTablesAndTheHeartbeatAreCaptured() {
    // given
    // when
    Map<String, String> connector = ConnectorConfiguration.connector(CONFIG);

    // then
    assertThat(connector)
        .containsEntry(
            "table.include.list", "public.areas,public.hooks,public.requests,public.cdc_heartbeat")
        .containsEntry("publication.autocreate.mode", "filtered")
        .containsEntry("publication.name", "areaflow_cdc");
  }

  @Test
  void theDatabaseIsTheOneOfTheAddress() {
    // given
    // when
    Map<String, String> connector = ConnectorConfiguration.connector(CONFIG);

    // then
    assertThat(connector)
        .containsEntry("database.hostname", "db.example.org")
        .containsEntry("database.port", "5433")
        .containsEntry("database.dbname", "areaflow")
        .containsEntry("database.user", "areaflow")
        .containsEntry("database.password", "secret");
    assertThat(CONFIG.toString()).doesNotContain("secret");
  }

  @Test
  void everyTableHasItsTopic() {
    // given
    // when
    Map<String, String> connector = ConnectorConfiguration.connector(CONFIG);

    // then
    assertThat(connector)
        .containsEntry("transforms.toDefinitions.replacement", Topics.DEFINITIONS.name())
        .containsEntry("transforms.toHooks.replacement", Topics.HOOKS.name())
        .containsEntry("transforms.toRequests.replacement", Topics.REQUESTS.name());
    assertThat("areaflow.public.areas")
        .matches(connector.get("transforms.toDefinitions.regex"))
        .doesNotMatch(connector.get("transforms.toHooks.regex"));
  }

  @Test
  void exactlyOnceIsOnInWorkerAndConnector() {
    // given
    // when
    Map<String, String> worker = ConnectorConfiguration.worker(CONFIG);

    // then
    assertThat(worker).containsEntry("exactly.once.source.support", "enabled");
    assertThat(ConnectorConfiguration.connector(CONFIG))
        .containsEntry("exactly.once.support", "required");
  }

  @Test
  void durationsAndCopiesComeFromTheSettings() {
    // given
    CdcConfig config =
        config(
            Map.of(
                "topics.replication-factor", "3",
                "cdc.poll-interval", "PT0.02S",
                "cdc.heartbeat-interval", "PT30S",
                "cdc.group", "other"));

    // when
    Map<String, String> connector = ConnectorConfiguration.connector(config);

    // then
    assertThat(connector)
        .containsEntry("poll.interval.ms", "20")
        .containsEntry("heartbeat.interval.ms", "30000")
        .containsEntry("topic.creation.default.replication.factor", "3");
    assertThat(ConnectorConfiguration.worker(config))
        .containsEntry("offset.storage.replication.factor", "3")
        .containsEntry("group.id", "other");
  }
}
