package dev.areaflow.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.FiredEvent;
import dev.areaflow.schemas.avro.RuleFiring;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.BacktestEndedException;
import dev.areaflow.schemas.backtest.ReplayLine;
import dev.areaflow.schemas.backtest.Selection;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.topology.memory.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a replay of an AREA with a rule or several hooks has to write. */
final class ReplayRunTest {
  private static final Instant FROM = Harness.START.minus(Duration.ofDays(7));
  private static final String OTHER_HOOK = "hook-2";
  private static final String LISTENS =
      "[{\"hookId\":\"hook-1\",\"of\":\"one\"},{\"hookId\":\"hook-2\",\"of\":\"two\"}]";

  private final List<ReplayLine> lines = new ArrayList<>();
  private long budget = 1024 * 1024;

  private static Plan plan(@Nullable RulePlan rule) {
    return new Plan(
        "github",
        "issue_opened",
        "!has(event.no)",
        rule,
        null,
        Harness.plan(null, "notify", "${events.map(e, e.id).join(' ')}").steps());
  }

  private static AreaRow area(Plan plan, @Nullable String listens) {
    return new AreaRow(
        Harness.AREA,
        "owner-1",
        Harness.HOOK,
        "name",
        plan.toJson(),
        1,
        true,
        null,
        null,
        listens,
        null);
  }

  /** One whose rule sees what came in the ten minutes before. */
  private ReplayRun run(AreaRow area, Selection selection) {
    return new ReplayRun(
        new Backtest(
            area,
            FROM.minusSeconds(600),
            FROM,
            FROM.plusSeconds(3_600),
            selection,
            Backtest.Manner.REPLAY,
            Map.of()),
        Harness.config(Path.of("none"), Map.of()).task(),
        new MemoryBudget(budget),
        lines::add,
        () -> 5);
  }

  private ReplayRun counting(int n) {
    return run(area(plan(new RulePlan.Count(n, Duration.ofMinutes(10))), null), Selection.ALL);
  }

  private static void happen(ReplayRun run, int second, String hook, String id, String payload) {
    Event event = Harness.event(id, hook, EventSource.WEBHOOK, payload);
    run.event(event, 0, 1_000 + second, FROM.plusSeconds(second));
  }

  private static void happen(ReplayRun run, int second, String id) {
    happen(run, second, Harness.HOOK, id, "{}");
  }

  private List<ReplayLine.Found> found() {
    return lines.stream()
        .filter(ReplayLine.Found.class::isInstance)
        .map(ReplayLine.Found.class::cast)
        .toList();
  }

  private static List<String> ids(ReplayLine.Found found) {
    return firing(found).getEvents().stream().map(FiredEvent::getId).toList();
  }

  private static RuleFiring firing(ReplayLine.Found found) {
    return found.event().getFiring().orElseThrow();
  }

  @Test
  void ofARuleItsFiringsAreFoundWithWhatItCollected() {
    // given
    ReplayRun run = counting(2);
    happen(run, 1, "a");
    happen(run, 2, Harness.HOOK, "refused", "{\"no\":1}");
    happen(run, 3, "b");
    happen(run, 4, "c");

    // when
    run.end();

    // then
    ReplayLine.Found only = found().getFirst();
    assertThat(found()).hasSize(1);
    assertThat(ids(only)).containsExactly("a", "b");
    assertThat(only.at()).isEqualTo(FROM.plusSeconds(3));
    assertThat(only.read()).isEqualTo(5);
    assertThat(only.event().getHookId()).isEqualTo(Harness.HOOK);
    assertThat(only.event().getOwnerId()).isEqualTo("owner-1");
    FiredEvent last = firing(only).getEvents().getLast();
    assertThat(last.getOffset()).isEqualTo(1_003);
    assertThat(last.getAt()).isEqualTo(FROM.plusSeconds(3));
    assertThat(StandardCharsets.UTF_8.decode(last.getPayload().duplicate()).toString())
        .isEqualTo("{}");
    assertThat(lines.getLast()).isEqualTo(new ReplayLine.Ended(0));
  }

  @Test
  void aRuleSeesWhatCameBeforeTheRangeAndOfThatNothingIsTold() {
    // given
    ReplayRun run = counting(2);
    happen(run, -30, "a");
    happen(run, -20, "b");
    happen(run, -10, "c");
    happen(run, 10, "d");

    // when
    run.end();

    // then
    assertThat(found()).hasSize(1);
    assertThat(ids(found().getFirst())).containsExactly("c", "d");
  }

  @Test
  void whatTimeFiresIsFoundUpToTheEndOfTheRange() {
    // given
    RulePlan quiet = new RulePlan.Debounce(Duration.ofSeconds(30), Duration.ofMinutes(10));
    ReplayRun run = run(area(plan(quiet), null), Selection.ALL);
    happen(run, 1, "a");
    happen(run, 100, "b");
    happen(run, 3_590, "c");

    // when
    run.end();

    // then
    assertThat(found()).extracting(ReplayRunTest::ids).containsExactly(List.of("a"), List.of("b"));
    assertThat(found().getFirst().at()).isEqualTo(FROM.plusSeconds(31));
  }

  @Test
  void silenceIsFoundWithoutEvents() {
    // given
    RulePlan absence = new RulePlan.Absence(Duration.ofMinutes(50), null, null);
    ReplayRun run = run(area(plan(absence), null), Selection.ALL);

    // when
    run.end();

    // then
    ReplayLine.Found only = found().getFirst();
    assertThat(ids(only)).isEmpty();
    assertThat(only.event().getHookId()).isEqualTo(Harness.HOOK);
    assertThat(only.event().getAction()).isEqualTo("issue_opened");
  }

  @Test
  void aChangeIsFoundWithBothValues() {
    // given
    RulePlan change = new RulePlan.Change("event.n", null);
    ReplayRun run = run(area(plan(change), null), Selection.ALL);
    happen(run, 1, Harness.HOOK, "a", "{\"n\":1}");
    happen(run, 2, Harness.HOOK, "b", "{\"n\":2}");

    // when
    run.end();

    // then
    assertThat(firing(found().getFirst()).getBefore()).contains("1");
    assertThat(firing(found().getFirst()).getAfter()).contains("2");
  }

  @Test
  void whatIsNotAskedForComesToNoRule() {
    // given
    ReplayRun run =
        run(
            area(plan(new RulePlan.Count(2, Duration.ofMinutes(10))), null),
            new Selection(List.of(), "!(meta.id == 'b')"));
    happen(run, 1, "a");
    happen(run, 2, "b");
    happen(run, 3, "c");
    run.unreadable(FROM.plusSeconds(4), "why");
    run.event(
        Event.newBuilder(Harness.event("d", "{}")).setOwnerId("owner-2").build(),
        0,
        9,
        FROM.plusSeconds(5));

    // when
    run.end();

    // then
    assertThat(found()).extracting(ReplayRunTest::ids).containsExactly(List.of("a", "c"));
    assertThat(found().getFirst().skipped()).isEqualTo(1);
    assertThat(lines.getLast()).isEqualTo(new ReplayLine.Ended(2));
  }

  @Test
  void ofSeveralHooksWithoutARuleEachEventIsFoundByItsName() {
    // given
    ReplayRun run = run(area(plan(null), LISTENS), Selection.ALL);
    happen(run, -1, "before");
    happen(run, 1, Harness.HOOK, "a", "{\"no\":1}");
    happen(run, 2, OTHER_HOOK, "b", "{}");

    // when
    run.end();

    // then
    assertThat(found())
        .extracting(found -> found.event().getOf() + " " + found.event().getId())
        .containsExactly("one a", "two b");
    assertThat(found().getLast().event().getFiring()).isEmpty();
  }

  @Test
  void ofSeveralHooksARuleCollectsByTheirNames() {
    // given
    RulePlan sequence =
        new RulePlan.Sequence(
            Duration.ofMinutes(5),
            List.of(new RulePlan.Member(null, "one"), new RulePlan.Member(null, "two")),
            null);
    ReplayRun run = run(area(plan(sequence), LISTENS), Selection.ALL);
    happen(run, 1, Harness.HOOK, "a", "{}");
    happen(run, 2, OTHER_HOOK, "b", "{}");

    // when
    run.end();

    // then
    ReplayLine.Found only = found().getFirst();
    assertThat(firing(only).getEvents())
        .extracting(event -> event.getOf() + " " + event.getId())
        .containsExactly("one a", "two b");
    assertThat(only.event().getHookId()).isEqualTo(OTHER_HOOK);
  }

  @Test
  void timeNeverGoesBack() {
    // given
    ReplayRun run = run(area(plan(null), LISTENS), Selection.ALL);

    // when
    happen(run, 5, "a");
    happen(run, 3, "b");

    // then
    assertThat(found())
        .extracting(ReplayLine.Found::at)
        .containsExactly(FROM.plusSeconds(5), FROM.plusSeconds(5));
  }

  @Test
  void aBoundEndsIt() {
    // given
    budget = 10_000;
    ReplayRun run = counting(1_000);

    // then
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                happen(run, i / 10, "e" + i);
              }
            })
        .isInstanceOf(BacktestEndedException.class);
  }

  /** What a replay finds makes in the topology the runs that the events made when they came. */
  @Test
  void whatIsFoundMakesTheRunsThatThereWere(@TempDir Path directory) {
    // given
    RulePlan count = new RulePlan.Count(3, Duration.ofMinutes(10));
    ReplayRun run = run(area(plan(count), null), Selection.ALL);
    try (Harness topology = new Harness(directory)) {
      topology.define(area(plan(count), null));
      for (int i = 1; i <= 9; i++) {
        happen(run, i, "e" + i);
        topology.happen(Harness.event("e" + i, "{}"));
      }
      run.end();
      List<String> live = texts(topology);

      // when
      for (int i = 0; i < found().size(); i++) {
        topology.happen(
            Harness.HOOK,
            Event.newBuilder(found().get(i).event())
                .setId("f" + i)
                .setGeneration(1)
                .setOnlyArea(Harness.AREA)
                .setReplayId("many")
                .setForced(true)
                .build());
      }

      // then
      assertThat(live).containsExactly("e1 e2 e3", "e4 e5 e6", "e7 e8 e9");
      assertThat(texts(topology)).isEqualTo(live);
    }
  }

  private static List<String> texts(Harness topology) {
    return topology.commands().stream()
        .map(command -> Harness.inputs(command).get("text").asText())
        .toList();
  }
}
