package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.AREA;
import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.START;
import static dev.areaflow.topology.Harness.event;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.CollectedEvent;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.RuleUsage;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.schemas.rows.RulePlan.Member;
import dev.areaflow.topology.rules.Usage;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules with memory in the topology: what they collect, when they fire, and what they forget. */
final class RulesTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration UNTIL_TOLD = Duration.ofSeconds(6);
  private static final String TITLES =
      "${events.size()}: ${events.map(e, e.payload.title).join(',')}";

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

  private void define(long version, RulePlan rule, @Nullable String by, String text) {
    topology.define(area(version, rule, by, text, true));
  }

  private static AreaRow area(
      long version, RulePlan rule, @Nullable String by, String text, boolean enabled) {
    Plan plain = Harness.plan(null, "notify", text);
    return Harness.area(
        AREA,
        HOOK,
        version,
        new Plan(plain.service(), plain.action(), null, rule, by, plain.steps()),
        enabled);
  }

  private void happen(String id, String title) {
    topology.happen(event(id, "{\"title\":\"" + title + "\",\"size\":" + title.length() + "}"));
  }

  private void tickAfter(Duration time) {
    topology.pass(time);
    topology.tick();
  }

  private List<String> texts() {
    return topology.commands().stream()
        .map(command -> Harness.inputs(command).get("text").asText())
        .toList();
  }

  private long rows(String store) {
    long rows = 0;
    try (var all = topology.driver().getKeyValueStore(store).all()) {
      while (all.hasNext()) {
        all.next();
        rows++;
      }
    }
    return rows;
  }

  private void assertThatNothingIsKept() {
    tickAfter(UNTIL_TOLD);
    assertThat(rows(TaskStores.MEMORIES)).isZero();
    assertThat(rows(TaskStores.KEPT_EVENTS)).isZero();
    assertThat(rows(TaskStores.RULE_TIMERS)).isZero();
    Usage usage = topology.usage(HOOK, AREA);
    assertThat(List.of(usage.keys(), usage.bytes(), usage.events())).containsOnly(0L);
  }

  private void assertThatNothingIsCounted() {
    assertThat(rows(TaskStores.USAGES)).isZero();
  }

  @Test
  void aDigestFiresOnceWithAllEventsAndTheRunNamesThem() {
    // given
    define(3, new RulePlan.Digest(Duration.ofHours(1), null, null, null), null, TITLES);

    // when
    happen("e1", "a");
    topology.pass(MINUTE);
    happen("e2", "b");
    List<RunStatus> before = topology.runStatuses();
    tickAfter(Duration.ofMinutes(58));
    List<Command> early = topology.commands();
    tickAfter(MINUTE);

    // then
    assertThat(before).containsExactly(RunStatus.KEPT, RunStatus.KEPT);
    assertThat(early).isEmpty();
    assertThat(texts()).containsExactly("2: a,b");
    RunRecord run = topology.runs().getFirst();
    assertThat(run.getStatus()).isEqualTo(RunStatus.RUNNING);
    assertThat(run.getStartedAt()).isEqualTo(START.plus(Duration.ofHours(1)));
    assertThat(run.getEventId()).isEqualTo("e2");
    assertThat(run.getEvents()).extracting(CollectedEvent::getId).containsExactly("e1", "e2");
    assertThat(run.getEvents().getLast().getArrivedAt()).isEqualTo(START.plus(MINUTE));
    assertThatNothingIsKept();
  }

  @Test
  void aRunOfARuleIsKeptWithItsEventsAndFinishes() {
    // given
    define(1, new RulePlan.Count(2, MINUTE), null, TITLES);
    happen("e1", "a");
    happen("e2", "b");
    topology.runs();

    // when
    topology.succeed(topology.command());

    // then
    assertThat(topology.runs())
        .singleElement()
        .satisfies(
            run -> {
              assertThat(run.getStatus()).isEqualTo(RunStatus.SUCCEEDED);
              assertThat(run.getEvents())
                  .extracting(CollectedEvent::getId)
                  .containsExactly("e1", "e2");
            });
  }

  @Test
  void keysAreApart() {
    // given
    define(1, new RulePlan.Count(2, MINUTE), "event.title", TITLES);

    // when
    happen("e1", "a");
    happen("e2", "b");
    happen("e3", "a");

    // then
    assertThat(texts()).containsExactly("2: a,a");
    assertThat(rows(TaskStores.MEMORIES)).isEqualTo(1);
    assertThat(rows(TaskStores.KEPT_EVENTS)).isEqualTo(1);
  }

  @Test
  void whatComesAfterTheTimeWasUpIsOutsideEvenWithoutATick() {
    // given
    define(1, new RulePlan.Debounce(Duration.ofSeconds(30), Duration.ofMinutes(10)), null, TITLES);
    happen("e1", "a");

    // when
    topology.pass(MINUTE);
    happen("e2", "b");

    // then
    assertThat(texts()).containsExactly("1: a");
    assertThat(rows(TaskStores.KEPT_EVENTS)).isEqualTo(1);
  }

  @Test
  void aThrottleDropsAndSaysSo() {
    // given
    define(1, new RulePlan.Throttle(1, MINUTE), null, "${event.title}");

    // when
    happen("e1", "a");
    happen("e2", "b");
    topology.pass(MINUTE);
    happen("e3", "c");

    // then
    assertThat(texts()).containsExactly("a", "c");
    assertThat(topology.runStatuses())
        .containsExactly(RunStatus.RUNNING, RunStatus.DROPPED, RunStatus.RUNNING);
    assertThat(rows(TaskStores.KEPT_EVENTS)).isZero();
  }

  @Test
  void onlyTheFirstOfAKeyPasses() {
    // given
    define(1, new RulePlan.Deduplicate("event.title", Duration.ofDays(1)), null, "${event.title}");

    // when
    happen("e1", "a");
    happen("e2", "a");
    happen("e3", "b");

    // then
    assertThat(texts()).containsExactly("a", "b");
  }

  @Test
  void aSequenceHasItsMembersInTurnAndEndsWithWhatMustNotCome() {
    // given
    define(
        1,
        new RulePlan.Sequence(
            Duration.ofHours(1),
            List.of(
                new Member("event.title == 'down'"),
                new Member("event.title == 'down'"),
                new Member("event.title == 'alarm'")),
            "event.title == 'up'"),
        null,
        TITLES);

    // when
    happen("e1", "down");
    happen("e2", "up");
    happen("e3", "down");
    happen("e4", "alarm");
    happen("e5", "down");
    happen("e6", "alarm");

    // then
    assertThat(texts()).containsExactly("3: down,down,alarm");
    assertThatNothingIsKept();
  }

  @Test
  void whatDoesNotComeInTimeIsTold() {
    // given
    define(
        1,
        new RulePlan.Absence(
            MINUTE, new Member("event.title == 'asked'"), new Member("event.title == 'answered'")),
        null,
        "${event.title} and nothing came");

    // when
    happen("e1", "asked");
    topology.pass(Duration.ofSeconds(30));
    happen("e2", "answered");
    tickAfter(MINUTE);
    List<String> answered = texts();
    happen("e3", "asked");
    tickAfter(MINUTE);

    // then
    assertThat(answered).isEmpty();
    assertThat(texts()).containsExactly("asked and nothing came");
    assertThatNothingIsKept();
  }

  @Test
  void silenceIsToldAlsoWhereNoEventEverCame() {
    // given
    define(1, new RulePlan.Absence(MINUTE, null, null), null, "${events.size()} events");
    topology.tick(); // from when silence counts

    // when
    tickAfter(Duration.ofSeconds(59));
    List<String> early = texts();
    tickAfter(Duration.ofSeconds(1));
    Command silent = topology.command();
    RunRecord run = topology.runs().getFirst();
    topology.succeed(silent);
    tickAfter(Duration.ofHours(1));
    List<String> stillSilent = texts();
    happen("e1", "a");
    tickAfter(MINUTE);

    // then
    assertThat(early).isEmpty();
    assertThat(Harness.inputs(silent).get("text").asText()).isEqualTo("0 events");
    assertThat(run.getEventId()).isEmpty();
    assertThat(run.getEvents()).isEmpty();
    assertThat(stillSilent).isEmpty();
    assertThat(texts()).containsExactly("1 events");
  }

  @Test
  void anEditThatLeavesTheRuleDoesNotBeginASilenceAnew() {
    // given
    RulePlan rule = new RulePlan.Absence(MINUTE, null, null);
    define(1, rule, null, "${events.size()} events");
    topology.tick();
    tickAfter(MINUTE);
    topology.succeed(topology.command());

    // when
    define(2, rule, null, "${events.size()} and silence");
    topology.tick();
    tickAfter(Duration.ofHours(1));
    List<String> edited = texts();
    happen("e1", "a");
    tickAfter(MINUTE);

    // then
    assertThat(edited).isEmpty();
    assertThat(texts()).containsExactly("1 and silence");
  }

  @Test
  void aChangeHasOldAndNew() {
    // given
    define(
        1,
        new RulePlan.Change("event.size", BigDecimal.valueOf(3)),
        null,
        "${change.old} to ${change['new']}");

    // when
    happen("e1", "a");
    happen("e2", "ab");
    happen("e3", "abcd");
    happen("e4", "abcde");
    happen("e5", "");

    // then
    assertThat(texts()).containsExactly("2 to 4", "5 to 0");
    assertThat(rows(TaskStores.KEPT_EVENTS)).isZero();
  }

  @Test
  void aDeliveryThatComesTwiceCountsOnce() {
    // given
    define(1, new RulePlan.Count(2, MINUTE), null, TITLES);

    // when
    happen("e1", "a");
    happen("e1", "a");

    // then
    assertThat(texts()).isEmpty();
    assertThat(topology.runStatuses()).containsExactly(RunStatus.KEPT, RunStatus.DUPLICATE);
  }

  @Test
  void anEditThatLeavesTheRuleKeepsWhatItCollected() {
    // given
    define(1, new RulePlan.Count(2, MINUTE), null, "old");
    happen("e1", "a");

    // when
    define(2, new RulePlan.Count(2, MINUTE), null, TITLES);
    happen("e2", "b");

    // then
    assertThat(texts()).containsExactly("2: a,b");
    assertThat(topology.runs().getLast().getAreaVersion()).isEqualTo(2);
  }

  @Test
  void anEditOfTheRuleBeginsItAnew() {
    // given
    define(1, new RulePlan.Count(2, MINUTE), "event.title", TITLES);
    happen("e1", "a");

    // when
    define(2, new RulePlan.Count(2, Duration.ofMinutes(2)), "event.title", TITLES);
    topology.tick();
    boolean isForgotten = rows(TaskStores.KEPT_EVENTS) == 0;
    happen("e2", "a");

    // then
    assertThat(isForgotten).isTrue();
    assertThat(texts()).isEmpty();
    assertThat(rows(TaskStores.MEMORIES)).isEqualTo(1);
  }

  @Test
  void withTheAreaAllThatItsRuleRemembersGoes() {
    // given
    AreaRow area =
        area(1, new RulePlan.Change("event.size", null), "event.title", "${event.title}", true);
    topology.define(area);
    happen("e1", "a");
    happen("e2", "b");

    // when
    topology.define(Harness.deleted(area, 2));
    topology.tick();

    // then
    assertThatNothingIsKept();
    assertThatNothingIsCounted();
  }

  private RuleUsage told() {
    tickAfter(UNTIL_TOLD);
    return topology.statuses().stream()
        .flatMap(status -> status.getRule().stream())
        .reduce((one, other) -> other)
        .orElseThrow();
  }

  @Test
  void aRuleTellsWhatItRemembersAndWhatItMadeOfEvents() {
    // given
    define(1, new RulePlan.Throttle(1, Duration.ofHours(1)), "event.title", "${event.title}");
    RuleUsage begun = told();

    // when
    happen("e1", "a");
    happen("e2", "a");
    happen("e3", "a");
    happen("e4", "b");

    // then
    assertThat(begun.getSince()).isEqualTo(START);
    assertThat(begun.getKeys()).isZero();
    RuleUsage told = told();
    assertThat(told.getKeys()).isEqualTo(2);
    assertThat(told.getDropped()).isEqualTo(2);
    assertThat(told.getSince()).isEqualTo(START);
    assertThat(told.getProblem()).isEmpty();
  }

  @Test
  void manyChangesAreToldOnce() {
    // given
    define(1, new RulePlan.Digest(Duration.ofHours(1), null, null, null), null, TITLES);
    told();

    // when
    for (int i = 0; i < 100; i++) {
      happen("e" + i, "a");
    }
    tickAfter(UNTIL_TOLD);

    // then
    List<RuleUsage> told =
        topology.statuses().stream().flatMap(status -> status.getRule().stream()).toList();
    assertThat(told).singleElement().satisfies(usage -> assertThat(usage.getKept()).isEqualTo(100));
    assertThat(told.getFirst().getEvents()).isEqualTo(100);
    assertThat(told.getFirst().getBytes())
        .isEqualTo(100L * "{\"title\":\"a\",\"size\":1}".length());
  }

  @Test
  void anotherRuleCountsAnew() {
    // given
    define(1, new RulePlan.Throttle(1, Duration.ofHours(1)), null, "${event.title}");
    happen("e1", "a");
    happen("e2", "b");
    tickAfter(MINUTE);

    // when
    define(2, new RulePlan.Throttle(2, Duration.ofHours(1)), null, "${event.title}");

    // then
    RuleUsage told = told();
    assertThat(told.getDropped()).isZero();
    assertThat(told.getKeys()).isZero();
    assertThat(told.getSince()).isEqualTo(START.plus(MINUTE));
  }

  @Test
  void aRuleThatRemembersAsManyKeysAsItMaySaysSoUntilThereAreFewer() {
    // given
    topology.close();
    topology = Harness.with(directory, Map.of("topology.rule-keys", "2"));
    define(1, new RulePlan.Throttle(1, MINUTE), "event.title", "${event.title}");
    happen("e1", "a");
    happen("e2", "b");

    // when
    happen("e3", "c");
    happen("e4", "a");

    // then
    assertThat(topology.runs().get(2))
        .satisfies(
            verdict -> {
              assertThat(verdict.getStatus()).isEqualTo(RunStatus.ERROR);
              assertThat(verdict.getDetail().orElseThrow())
                  .contains("remembers 2 keys already", "\"by\"");
            });
    topology.tick();
    RuleUsage full = told();
    assertThat(full.getProblem().orElseThrow()).contains("remembers 2 keys already");
    assertThat(full.getRefused()).isEqualTo(1);
    assertThat(full.getDropped()).isEqualTo(1);

    // when
    tickAfter(MINUTE);
    happen("e5", "c");

    // then
    assertThat(told().getProblem()).isEmpty();
    assertThat(texts()).containsExactly("a", "b", "c");
  }

  @Test
  void aRuleThatKeepsAsManyBytesAsItMaySaysSoUntilThereAreFewer() {
    // given
    topology.close();
    topology = Harness.with(directory, Map.of("topology.rule-mebibytes", "1"));
    String large = "x".repeat(400 * 1024);
    define(
        1,
        new RulePlan.Digest(Duration.ofHours(1), null, null, null),
        null,
        "${string(events.size())}");
    happen("e1", large);
    happen("e2", large);

    // when
    happen("e3", large);
    topology.tick();

    // then
    assertThat(topology.runs().getLast().getDetail().orElseThrow())
        .contains("keeps 1 MiB of events already");
    assertThat(told().getProblem().orElseThrow()).contains("keeps 1 MiB of events already");

    // when
    tickAfter(Duration.ofHours(1));
    happen("e4", large);

    // then
    assertThat(told().getProblem()).isEmpty();
    assertThat(texts()).containsExactly("2");
  }

  @Test
  void anAreaThatIsDisabledForAWhileGoesOnWithWhatItCollected() {
    // given
    RulePlan rule = new RulePlan.Digest(Duration.ofHours(1), null, null, null);
    topology.define(area(1, rule, null, TITLES, true));
    happen("e1", "a");

    // when
    topology.define(area(2, rule, null, TITLES, false));
    tickAfter(MINUTE);
    topology.define(area(3, rule, null, TITLES, true));
    happen("e2", "b");
    tickAfter(Duration.ofHours(1));

    // then
    assertThat(texts()).containsExactly("2: a,b");
  }

  @Test
  void aDisabledAreaDoesNotFireWhenItsTimeIsUp() {
    // given
    RulePlan rule = new RulePlan.Digest(Duration.ofHours(1), null, null, null);
    topology.define(area(1, rule, null, TITLES, true));
    happen("e1", "a");

    // when
    topology.define(area(2, rule, null, TITLES, false));
    tickAfter(Duration.ofHours(1));

    // then
    assertThat(texts()).isEmpty();
    assertThatNothingIsKept();
  }

  @Test
  void anEventWithoutAKeyIsAnErrorAndKeepsNothing() {
    // given
    define(1, new RulePlan.Count(2, MINUTE), "event.missing", TITLES);

    // when
    happen("e1", "a");

    // then
    assertThat(topology.runs())
        .singleElement()
        .satisfies(
            verdict -> {
              assertThat(verdict.getStatus()).isEqualTo(RunStatus.ERROR);
              assertThat(verdict.getDetail().orElseThrow()).contains("missing");
            });
    assertThatNothingIsKept();
  }

  @Test
  void aDigestByCronEndsWhereItsZoneSays() {
    // given
    define(
        1, new RulePlan.Digest(null, "0 9 * * *", "Europe/Paris", null), null, TITLES); // 07:00 UTC

    // when
    happen("e1", "a"); // at 10:00 UTC
    tickAfter(Duration.ofHours(20));
    List<String> early = texts();
    tickAfter(Duration.ofHours(1));

    // then
    assertThat(early).isEmpty();
    assertThat(texts()).containsExactly("1: a");
  }
}
