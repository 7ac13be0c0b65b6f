package dev.areaflow.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.areaflow.launcher.cdc.CdcConfig;
import dev.areaflow.launcher.cdc.CdcRole;
import dev.areaflow.launcher.embedded.DataDirectory;
import dev.areaflow.launcher.embedded.EmbeddedStack;
import dev.areaflow.launcher.embedded.Running;
import dev.areaflow.launcher.embedded.StartProgress;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.topics.LocalSerdes;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** The stack and the role cdc on a folder. */
final class StackInstance implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private final Running running = new Running();
  private final EmbeddedStack stack;
  private final CapturedTables tables;

  StackInstance(Path folder) throws Exception {
    DataDirectory data = running.add(DataDirectory.lock(folder));
    stack =
        running.add(
            new EmbeddedStack(
                data, Installation.home(), fault -> System.err.println("fault: " + fault)));
    stack.start(new Silent());
    tables = new CapturedTables(stack.database());
    tables.create();
    Settings settings =
        Settings.of(
            Map.of(
                "kafka.bootstrap-servers", stack.kafka().bootstrapServers(),
                "registry.url", stack.registryUrl(),
                "database.url", stack.database().url(),
                "database.user", stack.database().user(),
                "database.password", stack.database().password()));
    CdcRole cdc = running.add(new CdcRole(CdcConfig.from(settings), new SimpleMeterRegistry()));
    cdc.start();
    stack.awaitRegistry();
    await().atMost(PATIENCE).until(cdc::notReady, List::isEmpty);
    assertThat(stack.notReady()).isEmpty();
  }

  /** What the child process of a test runs, until it is killed. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    StackInstance instance = new StackInstance(folder);
    instance.tables.insertHook(EmbeddedStackIT.HOOK);
    instance.awaitRow(Topics.HOOKS, EmbeddedStackIT.HOOK);
    Files.createFile(folder.resolve("captured"));
    Thread.currentThread().join();
  }

  CapturedTables tables() {
    return tables;
  }

  String registryUrl() {
    return stack.registryUrl();
  }

  int port() {
    return Integer.parseInt(stack.kafka().bootstrapServers().split(":", -1)[1]);
  }

  <V> V awaitRow(Topic<V> topic, String key) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(rows(topic)).containsKey(key));
    return Objects.requireNonNull(rows(topic).get(key));
  }

  <V> Map<String, V> rows(Topic<V> topic) {
    Map<String, V> rows = new LinkedHashMap<>();
    read(topic).forEach(row -> rows.put(row.key(), row.value()));
    return rows;
  }

  int count(Topic<?> topic) {
    return read(topic).size();
  }

  private <V> List<ConsumerRecord<String, V>> read(Topic<V> topic) {
    Map<String, Object> configuration = new HashMap<>();
    configuration.put("bootstrap.servers", stack.kafka().bootstrapServers());
    configuration.put("isolation.level", "read_committed");
    configuration.put("auto.offset.reset", "earliest");
    List<ConsumerRecord<String, V>> found = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(
            configuration,
            new StringDeserializer(),
            new LocalSerdes().values(topic).deserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(found::add);
      }
    }
    return found;
  }

  @Override
  public void close() {
    running.close();
  }

  private record Silent() implements StartProgress {
    @Override
    public void starting(String part) {}

    @Override
    public void started(String part, String detail, Duration took) {
      System.out.println(part + " " + took);
    }
  }
}
