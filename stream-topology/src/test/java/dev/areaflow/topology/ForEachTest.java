package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.AREA;
import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.event;
import static dev.areaflow.topology.runs.PlanSteps.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.rows.Plan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps that are repeated for the items of a list. */
final class ForEachTest {
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

  private static String text(Command command) {
    return Harness.inputs(command).get("text").asText();
  }

  @Test
  void everyItemIsDoneInOrderAndItsOutputKept() {
    // given
    define(
        step("each", "${index}: ${item.name} of ${event.title}")
            .forEach("event.people", 2)
            .keepsOutput()
            .step(),
        step("sum", "${steps.each.output.map(o, string(o.id)).join(',')}").after("each").step());
    topology.happen(
        event(
            "e1",
            "{\"title\":\"t\",\"people\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]}"));

    // when
    List<Command> first = topology.commands();
    topology.succeed(first.get(1), "{\"id\":2}");
    Command third = topology.command();
    topology.succeed(third, "{\"id\":3}");
    topology.succeed(first.get(0), "{\"id\":1}");

    // then
    assertThat(first.stream().map(ForEachTest::text)).containsExactly("0: a of t", "1: b of t");
    assertThat(first.get(1).getId()).isEqualTo(first.get(1).getRunId() + ".each.1");
    assertThat(first.get(1).getItem()).contains(1);
    assertThat(text(third)).isEqualTo("2: c of t");
    assertThat(text(topology.command())).isEqualTo("1,2,3");
  }

  @Test
  void aLostCallOfAnItemIsMadeAgainAlone() {
    // given
    define(step("each", "${item}").forEach("['x', 'y']", 2).step());
    topology.happen(event("e1", "{}"));
    List<Command> both = topology.commands();
    topology.succeed(both.get(0));

    // when
    topology.pass(Duration.ofSeconds(101));

    // then
    Command again = topology.command();
    assertThat(again.getId()).isEqualTo(both.get(1).getId());
    assertThat(again.getAttempt()).isEqualTo(2);
    assertThat(text(again)).isEqualTo("y");
    topology.succeed(again);
    assertThat(topology.runs().getLast().getStatus()).isEqualTo(RunStatus.SUCCEEDED);
    try (var timers = topology.driver().getKeyValueStore(TaskStores.TIMERS).all()) {
      assertThat(timers.hasNext()).isFalse();
    }
  }

  @Test
  void aThousandItemsAreDoneAndLeaveNothing() {
    // given
    define(step("each", "${item}").forEach("event.all", 20).keepsOutput().step());
    String all = IntStream.range(0, 1_000).mapToObj(i -> "" + i).collect(Collectors.joining(","));

    // when
    topology.happen(event("e1", "{\"all\":[" + all + "]}"));
    int done = 0;
    for (List<Command> next = topology.commands(); !next.isEmpty(); next = topology.commands()) {
      for (Command command : next) {
        assertThat(text(command)).isEqualTo(Integer.toString(command.getItem().orElseThrow()));
        topology.succeed(command, "1");
        done++;
      }
    }

    // then
    assertThat(done).isEqualTo(1_000);
    List<RunRecord> runs = topology.runs();
    assertThat(runs).as("not each item is told").hasSizeLessThan(15);
    assertThat(runs.getLast().getStatus()).isEqualTo(RunStatus.SUCCEEDED);
    for (String store : List.of(TaskStores.RUNS, TaskStores.RUN_MATERIALS)) {
      try (var rows = topology.driver().getKeyValueStore(store).all()) {
        assertThat(rows.hasNext()).as(store).isFalse();
      }
    }
  }

  @Test
  void aFailedItemIsCountedAndStopsTheOthers() {
    // given
    define(step("each", "${item}").forEach("['x', 'y', 'z']", 1).step());
    topology.happen(event("e1", "{}"));

    // when
    topology.succeed(topology.command());
    topology.fail(topology.command(), ErrorClass.PERMANENT);

    // then
    RunRecord run = topology.runs().getLast();
    assertThat(run.getStatus()).isEqualTo(RunStatus.FAILED);
    var items = run.getSteps().getFirst().getItems().orElseThrow();
    assertThat(items.getTotal()).isEqualTo(3);
    assertThat(items.getSucceeded()).isEqualTo(1);
    assertThat(items.getFailed()).isEqualTo(1);
    assertThat(run.getSteps().getFirst().getErrorMessage()).contains("503 from the provider");
    assertThat(topology.commands()).isEmpty();
  }

  @Test
  void whatIsNoListFailsTheStep() {
    // given
    define(step("each", "${item}").forEach("event.all", 1).step());

    // when
    topology.happen(event("e1", "{\"all\":7}"));

    // then
    RunRecord run = topology.runs().getLast();
    assertThat(run.getStatus()).isEqualTo(RunStatus.FAILED);
    assertThat(run.getSteps().getFirst().getErrorMessage().orElseThrow())
        .isEqualTo("what it is repeated for comes to 7; expected a list");
  }
}
