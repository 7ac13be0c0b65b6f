package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.area;
import static dev.areaflow.topology.Harness.event;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.DeadLetter;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.topics.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that cannot be processed go to the dead letters; the others go on. */
final class PoisonTest {
  private static final byte[] GARBAGE = "no Avro".getBytes(StandardCharsets.UTF_8);

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
  void aRecordThatCannotBeReadIsKeptWithItsCauseAndPlace() {
    // given
    topology.define(area(1, null));
    topology.happen(event("e1", "{\"title\":\"bug\"}"));

    // when
    topology.happen(HOOK, GARBAGE);
    topology.happen(event("e2", "{\"title\":\"bug\"}"));

    // then
    DeadLetter letter = topology.deadLetters().getFirst();
    assertThat(letter.getTopic()).isEqualTo(Topics.EVENTS.name());
    assertThat(letter.getPartition()).isZero();
    assertThat(letter.getOffset()).isEqualTo(1);
    assertThat(letter.getKey().orElseThrow())
        .isEqualTo(ByteBuffer.wrap(HOOK.getBytes(StandardCharsets.UTF_8)));
    assertThat(letter.getValue().orElseThrow()).isEqualTo(ByteBuffer.wrap(GARBAGE));
    assertThat(letter.getWhere()).isEqualTo("areaflow-topology/read-events");
    assertThat(letter.getCause()).contains("SerializationException");
    assertThat(topology.commands()).hasSize(2);
    assertThat(topology.counted("areaflow.topology.dead.letters")).isEqualTo(1);
  }

  @Test
  void aRecordThatAProcessorFailsOnIsKeptWithItsNode() {
    // given
    AreaRow broken = area("area-1", "hook\0", 1, Harness.plan(null, "s", "x"), true);

    // when
    topology.define(broken);
    topology.define(area("area-2", HOOK, 1, Harness.plan(null, "s", "x"), true));

    // then
    DeadLetter letter = topology.deadLetters().getFirst();
    assertThat(letter.getTopic()).isEqualTo(Topics.DEFINITIONS.name());
    assertThat(letter.getWhere()).isEqualTo("areaflow-topology/rekey-definitions");
    assertThat(letter.getCause()).contains("zero characters");
    assertThat(letter.getValue()).isPresent();
    assertThat(topology.statuses()).singleElement().matches(s -> s.getAreaId().equals("area-2"));
  }

  @Test
  void ofARecordThatIsTooLargeTheBeginningIsKept() {
    // given
    byte[] much = new byte[3 * 1024 * 1024];
    Arrays.fill(much, (byte) -1);

    // when
    topology.happen("k".repeat(100_000), much);

    // then
    DeadLetter letter = topology.deadLetters().getFirst();
    assertThat(letter.getKey().orElseThrow().remaining()).isEqualTo(64 * 1024);
    assertThat(letter.getValue().orElseThrow().remaining()).isEqualTo(2 * 1024 * 1024);
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "owner_id", "hook_id", "plan"})
  void aDefinitionWithoutAColumnIsUnreadable(String column) {
    // given
    Map<String, Object> row =
        new HashMap<>(
            Map.of(
                "id",
                "area-1",
                "owner_id",
                "owner-1",
                "hook_id",
                HOOK,
                "name",
                "n",
                "plan",
                Harness.plan(null, "s", "x").toJson(),
                "version",
                1,
                "enabled",
                true));
    row.remove(column);

    // when
    topology.define("area-1", row);
    topology.define(area("area-2", HOOK, 1, Harness.plan(null, "s", "x"), true));

    // then
    DeadLetter letter = topology.deadLetters().getFirst();
    assertThat(letter.getTopic()).isEqualTo(Topics.DEFINITIONS.name());
    assertThat(letter.getWhere()).isEqualTo("areaflow-topology/read-definitions");
    assertThat(letter.getCause()).contains(column);
    assertThat(topology.statuses()).singleElement().matches(s -> s.getAreaId().equals("area-2"));
  }

  @Test
  void aDefinitionThatFailedIsNotTakenForOneThatWasSent() {
    // given
    topology.define(area("area-1", "hook\0", 1, Harness.plan(null, "s", "x"), true));

    // when
    topology.define(area("area-1", HOOK, 1, Harness.plan(null, "s", "x"), true));

    // then
    assertThat(topology.statuses()).singleElement().matches(s -> s.getHome().equals(HOOK));
  }

  @Test
  void aPayloadThatIsNotJsonIsAVerdictNotPoison() {
    // given
    topology.define(area(1, "event.title == 'bug'"));

    // when
    topology.happen(event("e1", "no JSON"));

    // then
    assertThat(topology.deadLetters()).isEmpty();
    assertThat(topology.runStatuses()).containsExactly(RunStatus.ERROR);
  }
}
