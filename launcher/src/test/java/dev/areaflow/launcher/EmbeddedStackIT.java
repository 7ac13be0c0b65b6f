package dev.areaflow.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.embedded.DataDirectory;
import dev.areaflow.launcher.embedded.EmbeddedStackException;
import dev.areaflow.schemas.avro.AreaStatus;
import dev.areaflow.schemas.avro.Tick;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.HookRow;
import dev.areaflow.schemas.rows.RequestRow;
import dev.areaflow.schemas.topics.RefusedSchemaException;
import dev.areaflow.schemas.topics.RegistrySerdes;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL, Kafka, Connect and registry for real, in a folder of their own. */
final class EmbeddedStackIT {
  static final String HOOK = "01900000-0000-7000-8000-000000000001";
  private static final String LATER_HOOK = "01900000-0000-7000-8000-000000000002";
  private static final String AREA = "01900000-0000-7000-8000-00000000000a";

  /** A schema of ticks whose time is a text. */
  private static final String TICK_OF_TEXT =
      """
      {"type": "record", "name": "Tick", "namespace": "dev.areaflow.schemas.avro",
       "fields": [{"name": "time", "type": "string", "default": ""}]}
      """;

  @TempDir private Path folder;

  @Test
  void changesReachTheirTopicsAndOutliveARestart() throws Exception {
    // given
    String areaPlan = "{\"service\":\"webhook\",\"action\":\"received\",\"steps\":[]}";
    int firstPort;
    try (StackInstance instance = new StackInstance(folder)) {
      firstPort = instance.port();
      instance.tables().insertHook(HOOK);

      // when
      instance
          .tables()
          .execute(
              "INSERT INTO areas VALUES ('%s', gen_random_uuid(), '%s', 'First', '%s', 1)"
                  .formatted(AREA, HOOK, areaPlan));
      instance
          .tables()
          .execute(
              "INSERT INTO requests VALUES (gen_random_uuid(), gen_random_uuid(), '%s', 'cancel', '{}')"
                  .formatted(HOOK));
      instance.tables().execute("INSERT INTO credentials VALUES (1, 'never in a topic')");

      // then
      HookRow hook = instance.awaitRow(Topics.HOOKS, HOOK);
      assertThat(hook.service()).isEqualTo("webhook");
      assertThat(hook.secretGeneration()).isEqualTo(1);
      AreaRow area = instance.awaitRow(Topics.DEFINITIONS, AREA);
      assertThat(area.hookId()).isEqualTo(HOOK);
      assertThat(area.version()).isEqualTo(1);
      assertThat(area.plan()).contains("\"steps\"");
      RequestRow request = instance.awaitRow(Topics.REQUESTS, HOOK);
      assertThat(request.kind()).isEqualTo("cancel");
      assertThat(instance.tables().ask("SHOW fsync")).isEqualTo("on");
      assertThat(instance.tables().ask("SHOW synchronous_commit")).isEqualTo("on");
      assertThat(
              instance
                  .tables()
                  .ask(
                      "SELECT string_agg(tablename, ',' ORDER BY tablename)"
                          + " FROM pg_publication_tables WHERE pubname = 'areaflow_cdc'"))
          .isEqualTo("areas,cdc_heartbeat,hooks,requests");
      assertThatThrownBy(() -> DataDirectory.lock(folder))
          .isInstanceOf(EmbeddedStackException.class)
          .hasMessageContaining("another instance runs on " + folder);
    }

    // and when
    try (StackInstance instance = new StackInstance(folder)) {
      instance.tables().insertHook(LATER_HOOK);

      // then
      instance.awaitRow(Topics.HOOKS, LATER_HOOK);
      assertThat(instance.port()).isEqualTo(firstPort);
      assertThat(instance.rows(Topics.HOOKS)).containsOnlyKeys(HOOK, LATER_HOOK);
      assertThat(instance.count(Topics.HOOKS)).isEqualTo(2);
      assertThat(
              Files.getPosixFilePermissions(folder.resolve("secrets").resolve("database.password")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
    assertThat(Installation.home().resolve("cache/registry.jsa")).isNotEmptyFile();
  }

  @Test
  void theRegistryRefusesASchemaThatCannotReadWhatOthersWrote() throws Exception {
    // given
    try (StackInstance instance = new StackInstance(folder);
        HttpClient http = HttpClient.newHttpClient()) {
      RegistrySerdes serdes = new RegistrySerdes(instance.registryUrl());
      Serializer<Tick> ticks = serdes.values(Topics.TICKS).serializer();
      assertThat(ticks.serialize(Topics.TICKS.name(), new Tick(Instant.EPOCH))).isNotEmpty();
      URI artifact =
          URI.create(instance.registryUrl() + "/groups/default/artifacts/area.ticks-value/");

      // when
      HttpResponse<String> rule =
          http.send(
              HttpRequest.newBuilder(artifact.resolve("rules/COMPATIBILITY")).build(),
              BodyHandlers.ofString());
      HttpResponse<String> refusal =
          http.send(
              HttpRequest.newBuilder(artifact.resolve("versions"))
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString(version(TICK_OF_TEXT)))
                  .build(),
              BodyHandlers.ofString());

      // then
      assertThat(rule.body()).contains("FULL_TRANSITIVE");
      assertThat(refusal.statusCode()).isEqualTo(400);
      assertThat(refusal.body())
          .contains("RuleViolation", "LONG not compatible with writer type: STRING");
      Topic<AreaStatus> foreign =
          new Topic<>(
              Topics.TICKS.name(),
              Topics.TICKS.key(),
              AreaStatus.class,
              Topics.TICKS.cleanup(),
              Topics.TICKS.retention(),
              Topics.TICKS.timestamps());
      Serializer<AreaStatus> wrong = serdes.values(foreign).serializer();
      assertThatThrownBy(() -> wrong.serialize(foreign.name(), AreaStatus.newBuilder().build()))
          .isInstanceOf(RefusedSchemaException.class)
          .hasMessageContaining("area.ticks-value")
          .hasMessageContaining("Incompatible artifact");
      Serializer<Tick> later = serdes.values(Topics.TICKS).serializer();
      assertThat(later.serialize(Topics.TICKS.name(), new Tick(Instant.EPOCH))).isNotEmpty();
    }
  }

  private static String version(String schema) {
    ObjectNode version = JsonNodeFactory.instance.objectNode();
    version.putObject("content").put("contentType", "application/json").put("content", schema);
    return version.toString();
  }

  @Test
  void aStartAfterAKillEndsWhatWasLeftAndGoesOn() throws Exception {
    // given
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Darea.home=" + System.getProperty("area.home"),
                "-cp",
                System.getProperty("java.class.path"),
                StackInstance.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolveSibling(folder.getFileName() + ".log").toFile())
            .start();
    List<ProcessHandle> children = List.of();
    try {
      await()
          .atMost(Duration.ofMinutes(5))
          .until(() -> Files.exists(folder.resolve("captured")) || !victim.isAlive());
      assertThat(victim.isAlive()).isTrue();
      children = victim.descendants().toList();
      assertThat(children).isNotEmpty();

      // when
      victim.destroyForcibly().waitFor();

      // then
      try (StackInstance instance = new StackInstance(folder)) {
        instance.tables().insertHook(LATER_HOOK);
        instance.awaitRow(Topics.HOOKS, LATER_HOOK);
        assertThat(instance.rows(Topics.HOOKS)).containsOnlyKeys(HOOK, LATER_HOOK);
        assertThat(children).noneMatch(ProcessHandle::isAlive);
      }
    } finally {
      victim.descendants().forEach(ProcessHandle::destroyForcibly);
      victim.destroyForcibly();
      children.forEach(ProcessHandle::destroyForcibly);
    }
  }
}
