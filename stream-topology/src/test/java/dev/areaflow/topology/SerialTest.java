package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.AREA;
import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.event;
import static dev.areaflow.topology.runs.PlanSteps.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.runs.AreaRuns;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AREAs whose runs go on one after the other. */
final class SerialTest {
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

  private void define(int queue, Plan.Step... steps) {
    topology.define(
        Harness.area(
            AREA,
            HOOK,
            1,
            new Plan("github", "issue_opened", null, null, null, List.of(steps), List.of(), queue),
            true));
  }

  private void happen(int... titles) {
    for (int title : titles) {
      topology.happen(event("e" + title, "{\"title\":\"%d\"}".formatted(title)));
    }
  }

  private static String text(Command command) {
    return Harness.inputs(command).get("text").asText();
  }

  private void assertThatNothingIsKept() {
    for (String store :
        List.of(
            TaskStores.RUNS,
            TaskStores.RUN_MATERIALS,
            TaskStores.TIMERS,
            TaskStores.AREA_RUNS,
            TaskStores.RUN_QUEUE)) {
      try (var all = topology.driver().getKeyValueStore(store).all()) {
        assertThat(all.hasNext()).as(store).isFalse();
      }
    }
  }

  @Test
  void runsBeginOneAfterTheOtherInTheOrderOfTheirEvents() {
    // given
    define(10, step("a", "${event.title}").step());

    // when
    happen(1, 2, 3);
    List<RunStatus> begun = topology.runStatuses();
    Command first = topology.command();
    topology.succeed(first);
    Command second = topology.command();
    topology.fail(second, ErrorClass.PERMANENT);
    Command third = topology.command();
    topology.succeed(third);

    // then
    assertThat(begun).containsExactly(RunStatus.RUNNING, RunStatus.QUEUED, RunStatus.QUEUED);
    assertThat(List.of(text(first), text(second), text(third))).containsExactly("1", "2", "3");
    assertThat(topology.runStatuses())
        .containsExactly(
            RunStatus.SUCCEEDED,
            RunStatus.RUNNING,
            RunStatus.FAILED,
            RunStatus.RUNNING,
            RunStatus.SUCCEEDED);
  }

  @Test
  void aQueueThatIsEmptyAgainLeavesNothing() {
    // given
    define(10, step("a", "${event.title}").step());
    happen(1, 2);

    // when
    topology.succeed(topology.command());
    topology.succeed(topology.command());

    // then
    assertThatNothingIsKept();
    happen(3);
    assertThat(text(topology.command())).isEqualTo("3");
  }

  @Test
  void aFullQueueTakesNoMore() {
    // given
    define(1, step("a", "${event.title}").step());

    // when
    happen(1, 2, 3);

    // then
    RunRecord refused = topology.runs().getLast();
    assertThat(refused.getStatus()).isEqualTo(RunStatus.ERROR);
    assertThat(refused.getDetail().orElseThrow()).contains("1 runs of the AREA wait already");
  }

  @Test
  void theNextBeginsWhenTheOneBeforeIsCancelled() {
    // given
    define(10, step("a", "${event.title}").step());
    happen(1, 2);
    Command first = topology.command();

    // when
    topology.ask("cancel", "{\"runId\":\"%s\"}".formatted(first.getRunId()));

    // then
    assertThat(text(topology.command())).isEqualTo("2");
  }

  @Test
  void aRunThatIsCancelledWhileItWaitsIsPassedOver() {
    // given
    define(10, step("a", "${event.title}").step());
    happen(1, 2, 3);
    Command first = topology.command();
    String second = topology.runs().get(1).getRunId();

    // when
    topology.ask("cancel", "{\"runId\":\"%s\"}".formatted(second));
    RunStatus cancelled = topology.runStatuses().getLast();
    List<Command> none = topology.commands();
    topology.succeed(first);

    // then
    assertThat(cancelled).isEqualTo(RunStatus.CANCELLED);
    assertThat(none).isEmpty();
    assertThat(text(topology.command())).isEqualTo("3");
  }

  @Test
  void aRetriedRunWaitsForTheOneThatGoesOn() {
    // given
    define(10, step("a", "${event.title}").step());
    happen(1);
    Command failing = topology.command();
    topology.fail(failing, ErrorClass.PERMANENT);
    happen(2);
    Command going = topology.command();

    // when
    topology.ask("retry", "{\"runId\":\"%s\"}".formatted(failing.getRunId()));
    RunStatus waiting = topology.runStatuses().getLast();
    topology.succeed(going);

    // then
    assertThat(waiting).isEqualTo(RunStatus.QUEUED);
    assertThat(text(topology.command())).isEqualTo("1");
  }

  @Test
  void runsOfAReplayTakeTheirTurnAndNoPlaceOfOthers() {
    // given
    define(1, step("a", "${event.title}").step());
    happen(1);
    replay(2, 3);

    // when
    happen(4, 5);
    List<RunStatus> begun = topology.runStatuses();
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Command command = topology.command();
      order.add(text(command));
      topology.succeed(command);
    }

    // then
    assertThat(begun)
        .containsExactly(
            RunStatus.RUNNING,
            RunStatus.QUEUED,
            RunStatus.QUEUED,
            RunStatus.QUEUED,
            RunStatus.ERROR);
    assertThat(order).containsExactly("1", "2", "3", "4");
    assertThatNothingIsKept();
  }

  @Test
  void alsoOfReplaysNotEndlesslyManyWait() {
    // given
    define(1, step("a", "${event.title}").step());
    happen(0);
    for (int i = 1; i <= AreaRuns.MOST_REPLAYED; i++) {
      replay(i);
    }
    topology.runs();

    // when
    replay(AreaRuns.MOST_REPLAYED + 1);

    // then
    assertThat(topology.runStatuses()).containsExactly(RunStatus.ERROR);
  }

  private void replay(int... titles) {
    for (int title : titles) {
      topology.happen(
          Event.newBuilder(event("e" + title, "{\"title\":\"%d\"}".formatted(title)))
              .setGeneration(1)
              .setOnlyArea(AREA)
              .setReplayId("many")
              .setForced(true)
              .build());
    }
  }

  @Test
  void manyRunsThatEndAsTheyBeginDoNotHoldUpTheQueue() {
    // given
    define(1_000, step("a", "${event.title}").when("event.title == '0'").step());
    happen(0);
    Command first = topology.command();
    for (int i = 1; i <= 1_000; i++) {
      happen(i);
    }

    // when
    topology.succeed(first);

    // then
    assertThat(topology.runs().stream().filter(r -> r.getStatus() == RunStatus.SUCCEEDED))
        .hasSize(1_001);
    assertThatNothingIsKept();
  }
}
