package dev.areaflow.schemas.topics;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.Tick;
import dev.areaflow.schemas.rows.AreaRow;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The contracts of topics and serdes against Kafka and the registry in containers, as an operator
 * runs them. {@code AREA_CONTAINERS} may be {@code required} or {@code never}.
 */
@EnabledIf(
    value = "containersRun",
    disabledReason = "no container engine answers, or AREA_CONTAINERS=never")
class TopicsContainersIT {
  private static final int PARTITIONS = 3;

  private static KafkaContainer kafka;
  private static GenericContainer<?> registry;
  private static TopicSettings settings;

  /** Asked before anything else of this class: whether containers can and shall run. */
  static boolean containersRun() {
    return switch (System.getenv().getOrDefault("AREA_CONTAINERS", "where-possible")) {
      case "required" -> true;
      case "never" -> false;
      default -> DockerClientFactory.instance().isDockerAvailable();
    };
  }

  @BeforeAll
  static void startContainers() {
    kafka = new KafkaContainer(DockerImageName.parse("apache/kafka:4.3.1"));
    registry =
        new GenericContainer<>(DockerImageName.parse("apicurio/apicurio-registry:3.3.3"))
            .withExposedPorts(8080)
            .waitingFor(
                Wait.forHttp("/apis/registry/v3/system/info")
                    .withStartupTimeout(Duration.ofMinutes(2)));
    kafka.start();
    registry.start();
    settings =
        new TopicSettings(
            kafka.getBootstrapServers(), registryUrl(), PARTITIONS, 1, 1024L * 1024L * 1024L);
  }

  @AfterAll
  static void stopContainers() {
    if (registry != null) {
      registry.stop();
    }
    if (kafka != null) {
      kafka.stop();
    }
  }

  @Test
  void everyTopicIsMadeAsTheCatalogueSays() throws Exception {
    // given
    try (Admin admin = admin()) {

      // when
      new TopicAdmin(admin, settings).createMissing();
      new TopicAdmin(admin, settings).createMissing();

      // then
      List<String> names = Topics.all().stream().map(Topic::name).toList();
      var descriptions = admin.describeTopics(names).allTopicNames().get();
      assertThat(descriptions.values())
          .allSatisfy(topic -> assertThat(topic.partitions()).hasSize(PARTITIONS));
      for (Topic<?> topic : Topics.all()) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
        Config config =
            requireNonNull(admin.describeConfigs(List.of(resource)).all().get().get(resource));
        assertThat(config.get("cleanup.policy").value())
            .isEqualTo(topic.cleanup() == Topic.Cleanup.COMPACT ? "compact" : "delete");
        assertThat(config.get("message.timestamp.type").value())
            .isEqualTo(
                topic.timestamps() == Topic.Timestamps.LOG_APPEND ? "LogAppendTime" : "CreateTime");
        topic
            .retention()
            .ifPresent(
                retention ->
                    assertThat(config.get("retention.ms").value())
                        .isEqualTo(Long.toString(retention.toMillis())));
      }
    }
  }

  @Test
  void anEventOutcomeAndRowComeBackAsTheyWereWritten() throws Exception {
    // given
    try (Admin admin = admin()) {
      new TopicAdmin(admin, settings).createMissing();
    }
    Instant now = Instant.ofEpochMilli(1_790_000_000_123L);
    Event event =
        Event.newBuilder()
            .setId("72d3162e-cc78-11e3-81ab-4c9367dc0958")
            .setHookId("hook")
            .setOwnerId("owner")
            .setService("github")
            .setAction("issue_opened")
            .setTime(now)
            .setReceivedAt(now)
            .setSource(EventSource.WEBHOOK)
            .setPayload(ByteBuffer.wrap("{\"n\":1}".getBytes(StandardCharsets.UTF_8)))
            .build();
    Outcome outcome = Outcome.newBuilder().setCommandId("c").setHome("hook").setAttempt(2).build();
    AreaRow row = new AreaRow("a", "o", "hook", "Bug triage", "{}", 3, true, null, null);

    // when, then
    assertThat(roundTrip(Topics.EVENTS, event)).isEqualTo(event);
    assertThat(roundTrip(Topics.OUTCOMES, outcome)).isEqualTo(outcome);
    assertThat(roundTrip(Topics.DEFINITIONS, row)).isEqualTo(row);
  }

  @Test
  void aSchemaThatCannotReadWhatOthersWroteIsRefused() {
    // given
    RegistrySerdes serdes = new RegistrySerdes(registryUrl());
    serdes.values(Topics.TICKS).serializer().serialize("area.ticks", new Tick(Instant.EPOCH));
    Topic<Outcome> foreign =
        new Topic<>(
            Topics.TICKS.name(),
            Topics.TICKS.key(),
            Outcome.class,
            Topics.TICKS.cleanup(),
            Topics.TICKS.retention(),
            Topics.TICKS.timestamps());

    // when
    var refused = serdes.values(foreign).serializer();

    // then
    assertThatThrownBy(() -> refused.serialize(foreign.name(), Outcome.newBuilder().build()))
        .isInstanceOf(RefusedSchemaException.class)
        .hasMessageContaining("area.ticks-value");
  }

  private static <V> V roundTrip(Topic<V> topic, V value) throws Exception {
    try (Serde<V> serde = new RegistrySerdes(registryUrl()).values(topic);
        var producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.getBootstrapServers()),
                new StringSerializer(),
                serde.serializer());
        var consumer =
            new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.getBootstrapServers()),
                new StringDeserializer(),
                serde.deserializer())) {
      String key = UUID.randomUUID().toString();
      var written = producer.send(new ProducerRecord<>(topic.name(), key, value)).get();
      TopicPartition partition = new TopicPartition(topic.name(), written.partition());
      consumer.assign(List.of(partition));
      consumer.seek(partition, written.offset());
      for (ConsumerRecord<String, V> read : consumer.poll(Duration.ofSeconds(20))) {
        if (read.key().equals(key)) {
          return read.value();
        }
      }
      throw new AssertionError(topic.name() + " gave back no record at " + written);
    }
  }

  private static Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka.getBootstrapServers()));
  }

  private static String registryUrl() {
    return "http://"
        + registry.getHost()
        + ":"
        + registry.getMappedPort(8080)
        + "/apis/registry/v3";
  }
}
