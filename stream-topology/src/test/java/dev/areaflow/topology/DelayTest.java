package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.AREA;
import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.event;
import static dev.areaflow.topology.runs.PlanSteps.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.schemas.rows.Plan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps that begin later; by the wall clock. */
final class DelayTest {
  private static final Duration LOOK = Duration.ofMillis(250);

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

  private void define(Plan.Step... steps) {
    topology.define(
        Harness.area(
            AREA, HOOK, 1, new Plan("github", "issue_opened", null, List.of(steps)), true));
  }

  @Test
  void aStepWaitsFromWhenItCouldBegin() {
    // given
    define(step("a", "one").step(), step("b", "two").after("a").delay(Duration.ofDays(3)).step());
    topology.happen(event("e1", "{}"));
    topology.pass(Duration.ofSeconds(30));
    topology.succeed(topology.command());
    topology.runs();

    // when
    topology.pass(Duration.ofDays(3).minusSeconds(1));
    boolean early = !topology.commands().isEmpty();
    topology.pass(Duration.ofSeconds(1).plus(LOOK));

    // then
    assertThat(early).isFalse();
    assertThat(topology.command().getStepId()).isEqualTo("b");
    assertThat(topology.runs().getLast().getSteps().getLast().getStatus())
        .isEqualTo(StepStatus.RUNNING);
  }

  @Test
  void theRunLogSaysUntilWhenAStepWaits() {
    // given
    define(step("a", "one").until("timestamp(event.at) + duration('1h')").step());

    // when
    topology.happen(event("e1", "{\"at\":\"2026-07-01T11:00:00Z\"}"));

    // then
    RunRecord run = topology.runs().getLast();
    assertThat(run.getStatus()).isEqualTo(RunStatus.RUNNING);
    assertThat(run.getSteps().getFirst().getStatus()).isEqualTo(StepStatus.WAITING);
    assertThat(run.getSteps().getFirst().getNextAttemptAt())
        .contains(Harness.START.plus(Duration.ofHours(2)));
    topology.pass(Duration.ofHours(2).plus(LOOK));
    assertThat(topology.command().getStepId()).isEqualTo("a");
  }

  @Test
  void aTextThatIsNoTimeFailsTheStep() {
    // given
    define(step("a", "one").until("event.at").step());

    // when
    topology.happen(event("e1", "{\"at\":\"tomorrow\"}"));

    // then
    RunRecord run = topology.runs().getLast();
    assertThat(run.getStatus()).isEqualTo(RunStatus.FAILED);
    assertThat(run.getSteps().getFirst().getErrorMessage().orElseThrow())
        .contains("\"tomorrow\"")
        .contains("2026-07-01T10:00:00Z");
  }
}
