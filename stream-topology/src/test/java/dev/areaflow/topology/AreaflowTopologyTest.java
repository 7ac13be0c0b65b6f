package dev.areaflow.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.topics.LocalSerdes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AreaflowTopologyTest {
  @TempDir private Path directory;

  @Test
  void theTopologyIsTheOneThatIsDrawn() throws IOException {
    // given
    String drawn;
    try (var file = getClass().getResourceAsStream("areaflow-topology.txt")) {
      drawn = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
    }

    // when
    String described = topology().describe().toString();

    // then
    assertThat(described.strip()).isEqualTo(drawn.strip());
  }

  @Test
  void aHomeHasTheSamePartitionInEveryTopic() {
    // given
    List<String> homes = IntStream.range(0, 1_000).mapToObj(i -> "hook-" + i).toList();

    // then
    assertThat(homes)
        .allMatch(
            home ->
                AreaflowTopology.partitionOf(home, 7)
                    == BuiltInPartitioner.partitionForKey(
                        home.getBytes(StandardCharsets.UTF_8), 7));
  }

  private Topology topology() {
    TopologyConfig config = Harness.config(directory, Map.of());
    LocalSerdes serdes = new LocalSerdes();
    TopologyMetrics metrics = new TopologyMetrics(new SimpleMeterRegistry());
    try (StoreMemory memory = new StoreMemory(config.storeMebibytes())) {
      return new AreaflowTopology(config, serdes, metrics)
          .build(
              ApplicationProperties.of(
                  config, new DeadLetters(serdes, Clock.systemUTC(), metrics), memory));
    }
  }
}
