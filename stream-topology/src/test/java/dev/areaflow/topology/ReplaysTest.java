package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.AREA;
import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.area;
import static dev.areaflow.topology.Harness.event;
import static dev.areaflow.topology.Harness.plan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Events that are written again for an AREA. */
final class ReplaysTest {
  private static final String OTHER = "area-2";

  @TempDir private Path directory;
  private Harness topology;

  @BeforeEach
  void open() {
    topology = new Harness(directory);
    topology.define(area(1, null));
    topology.define(area(OTHER, HOOK, 1, plan(null, "other", "${event.title}"), true));
    topology.happen(bug("e1", EventSource.WEBHOOK));
    assertThat(topology.commands()).hasSize(2);
    topology.runs();
  }

  @AfterEach
  void close() {
    topology.close();
  }

  private static Event bug(String id, EventSource source) {
    return event(id, HOOK, source, "{\"title\":\"bug\"}");
  }

  private static Event replay(Event event, int generation, @Nullable String onlyArea) {
    return Event.newBuilder(event).setGeneration(generation).setOnlyArea(onlyArea).build();
  }

  @Test
  void aReplayBeginsARunOfItsOwnForItsAreaAlone() {
    // when
    topology.happen(replay(bug("e1", EventSource.WEBHOOK), 1, AREA));

    // then
    Command command = topology.command();
    assertThat(command.getStepId()).isEqualTo("notify");
    RunRecord run = topology.runs().getFirst();
    assertThat(run.getRunId()).isEqualTo(command.getRunId());
    assertThat(run.getGeneration()).isEqualTo(1);
    assertThat(run.getEventOffset()).isEqualTo(1);
  }

  @Test
  void aReplayForNoCertainAreaIsForAll() {
    // when
    topology.happen(replay(bug("e1", EventSource.WEBHOOK), 1, null));

    // then
    assertThat(topology.commands()).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(EventSource.class)
  void aReplayThatIsWrittenTwiceIsDecidedOnce(EventSource source) {
    // given
    Event replay = replay(bug("e1", source), 1, AREA);
    topology.happen(replay);
    topology.command();
    topology.runs();

    // when
    topology.happen(replay);

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.runStatuses()).containsExactly(RunStatus.DUPLICATE);
  }

  @Test
  void eachGenerationAndEachAreaHasItsReplay() {
    // given
    Event event = bug("e1", EventSource.WEBHOOK);
    topology.happen(replay(event, 1, AREA));
    topology.commands();

    // when
    topology.happen(replay(event, 2, AREA));
    topology.happen(replay(event, 1, OTHER));

    // then
    assertThat(topology.commands())
        .extracting(Command::getStepId)
        .containsExactly("notify", "other");
  }

  @Test
  void aReplayIsDecidedByTheDefinitionOfNow() {
    // given
    topology.define(area(2, "event.title == 'feature'"));

    // when
    topology.happen(replay(bug("e1", EventSource.WEBHOOK), 1, AREA));

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.runStatuses()).containsExactly(RunStatus.FILTERED);
  }

  @Test
  void anEventIsNotTakenForARepetitionOfItsReplay() {
    // given
    topology.happen(replay(bug("e2", EventSource.WEBHOOK), 1, AREA));
    topology.commands();

    // when
    topology.happen(bug("e2", EventSource.WEBHOOK));

    // then
    assertThat(topology.commands()).hasSize(2);
  }

  @Test
  void aReplayForAnAreaThatIsElsewhereIsForNobody() {
    // when
    topology.happen(replay(bug("e1", EventSource.WEBHOOK), 1, "area-3"));

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.runs()).isEmpty();
  }

  @Test
  void aRuleCountsNoReplay() {
    // given
    Plan simple = plan(null, "notify", "${size(events)}");
    Plan counting =
        new Plan(
            simple.service(),
            simple.action(),
            null,
            new RulePlan.Count(2, Duration.ofHours(1)),
            null,
            simple.steps());
    topology.define(area(AREA, HOOK, 2, counting, true));
    topology.happen(bug("e2", EventSource.WEBHOOK));
    topology.runs();
    topology.commands();

    // when
    topology.happen(replay(bug("e2", EventSource.WEBHOOK), 1, AREA));

    // then
    assertThat(topology.commands()).isEmpty();
    RunRecord verdict = topology.runs().getFirst();
    assertThat(verdict.getStatus()).isEqualTo(RunStatus.DROPPED);
    assertThat(verdict.getDetail()).isPresent();
  }
}
