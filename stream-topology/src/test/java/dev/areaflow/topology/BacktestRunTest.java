package dev.areaflow.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.backtest.Backtest;
import dev.areaflow.schemas.backtest.BacktestLine;
import dev.areaflow.schemas.backtest.Selection;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.topology.memory.MemoryBudget;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which events a backtest takes, and what it tells of them. */
final class BacktestRunTest {
  private static final Instant FROM = Harness.START;

  private final List<BacktestLine> lines = new ArrayList<>();

  private BacktestRun run(
      @Nullable RulePlan rule, Selection selection, Backtest.Manner manner, Instant from) {
    Plan plan =
        new Plan(
            "github",
            "issue_opened",
            null,
            rule,
            null,
            Harness.plan(null, "notify", "${event.n}").steps(),
            List.of(),
            null);
    return new BacktestRun(
        new Backtest(
            Harness.area("area-1", Harness.HOOK, 1, plan, true),
            rule == null ? FROM : from.minus(rule.reach()),
            from,
            FROM.plusSeconds(600),
            selection,
            manner,
            Map.of()),
        Harness.config(Path.of("none"), Map.of()).task(),
        new MemoryBudget(1024 * 1024),
        lines::add);
  }

  private static void happen(BacktestRun run, int second, String id, String payload) {
    Event event = Harness.event(id, payload);
    run.event(event, 0, second, FROM.plusSeconds(second));
  }

  private BacktestLine.Summary end(BacktestRun run) {
    run.end(10, Duration.ofSeconds(1));
    return (BacktestLine.Summary) lines.getLast();
  }

  private List<BacktestLine.Firing> firings() {
    return lines.stream()
        .filter(BacktestLine.Firing.class::isInstance)
        .map(BacktestLine.Firing.class::cast)
        .toList();
  }

  @Test
  void ofEventsThatAreAskedForTheFirstOfEachIdIsTakenAndThenAllHaveCome() {
    // given
    BacktestRun run = run(null, new Selection(List.of("a", "b"), null), Backtest.Manner.LIVE, FROM);

    // when
    happen(run, 1, "a", "{\"n\":1}");
    happen(run, 2, "c", "{\"n\":2}");
    happen(run, 3, "a", "{\"n\":1}");
    boolean before = run.isComplete();
    happen(run, 4, "b", "{\"n\":3}");

    // then
    assertThat(before).isFalse();
    assertThat(run.isComplete()).isTrue();
    BacktestLine.Summary summary = end(run);
    assertThat(summary.read()).isEqualTo(2);
    assertThat(summary.matched()).isEqualTo(2);
    assertThat(firings())
        .extracting(BacktestLine.Firing::eventIds)
        .containsExactly(List.of("a"), List.of("b"));
  }

  @Test
  void whatMustHoldIsAskedBeforeTheRuleSeesAnEventAlsoOfThoseBeforeTheRange() {
    // given
    BacktestRun run =
        run(
            new RulePlan.Count(2, Duration.ofMinutes(5)),
            new Selection(List.of(), "event.n > 1"),
            Backtest.Manner.LIVE,
            FROM.plusSeconds(10));

    // when
    happen(run, 1, "low-before", "{\"n\":1}");
    happen(run, 2, "before", "{\"n\":2}");
    happen(run, 11, "low", "{\"n\":1}");
    happen(run, 12, "without", "{}");
    happen(run, 13, "high", "{\"n\":2}");

    // then
    BacktestLine.Summary summary = end(run);
    assertThat(summary.read()).isEqualTo(3);
    assertThat(summary.skipped()).isEqualTo(2);
    assertThat(summary.matched()).isEqualTo(1);
    assertThat(summary.fired()).isEqualTo(1);
    assertThat(run.isComplete()).isFalse();
    assertThat(firings().getFirst().eventIds()).containsExactly("before", "high");
  }

  @Test
  void whatAReplayLeavesOutIsToldAlsoWhereARuleFires() {
    // given
    BacktestRun run =
        run(
            new RulePlan.Count(2, Duration.ofMinutes(5)),
            Selection.ALL,
            Backtest.Manner.REPLAY,
            FROM);

    // when
    happen(run, 1, "a", "{\"n\":1}");
    happen(run, 2, "b", "{\"n\":1}");

    // then
    assertThat(end(run).fired()).isEqualTo(1);
    assertThat(firings().getFirst().commands()).isEmpty();
    assertThat(firings().getFirst().skipped()).containsOnlyKeys("notify");
    assertThat(firings().getFirst().skipped().get("notify")).contains("Force the replay");
  }

  @Test
  void aSilenceThatBeganBeforeTheRangeWasToldOfBefore() {
    // given
    RulePlan rule = new RulePlan.Absence(Duration.ofSeconds(60), null, null);
    BacktestRun silent = run(rule, Selection.ALL, Backtest.Manner.LIVE, FROM.plusSeconds(100));
    long inSilence = end(silent).fired();
    BacktestRun run = run(rule, Selection.ALL, Backtest.Manner.LIVE, FROM.plusSeconds(100));

    // when
    happen(run, 40, "just-within", "{\"n\":1}");

    // then
    assertThat(inSilence).isZero();
    assertThat(end(run).fired()).isEqualTo(1);
    assertThat(firings().getFirst().at()).isEqualTo(FROM.plusSeconds(100));
    assertThat(firings().getFirst().eventIds()).containsExactly("just-within");
  }
}
