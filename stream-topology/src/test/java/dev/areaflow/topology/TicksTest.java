package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.area;
import static dev.areaflow.topology.Harness.event;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.Tick;
import dev.areaflow.schemas.topics.Topics;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The time as records. */
final class TicksTest {
  @TempDir private Path directory;
  private Harness topology;

  @BeforeEach
  void open() {
    topology = new Harness(directory);
  }

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void theTaskWritesTheTimeOnceASecond() {
    // when
    for (int i = 0; i < 12; i++) {
      topology.pass(Duration.ofMillis(250));
    }

    // then
    assertThat(topology.output(Topics.TICKS).readRecordsToList())
        .extracting(TestRecord::value)
        .extracting(Tick::getTime)
        .containsExactly(
            Harness.START.plusSeconds(1),
            Harness.START.plusSeconds(2),
            Harness.START.plusSeconds(3));
  }

  @Test
  void ticksForgetOldDeliveriesWhereNoEventComes() {
    // given
    topology.define(area(1, null));
    topology.happen(event("e1", "{\"title\":\"bug\"}"));

    // when
    topology.pass(Duration.ofDays(30));
    topology.tick();

    // then
    assertThat(remembered()).isFalse();
  }

  private boolean remembered() {
    try (var ids =
        topology
            .driver()
            .getWindowStore(TaskStores.SEEN_EVENTS)
            .fetchAll(Harness.START.minus(Duration.ofDays(2)), Harness.START)) {
      return ids.hasNext();
    }
  }
}
