package dev.areaflow.topology;

import static dev.areaflow.topology.Harness.AREA;
import static dev.areaflow.topology.Harness.HOOK;
import static dev.areaflow.topology.Harness.area;
import static dev.areaflow.topology.Harness.event;
import static dev.areaflow.topology.Harness.plan;
import static dev.areaflow.topology.runs.PlanSteps.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.Meta;
import dev.areaflow.schemas.avro.CollectedEvent;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.RuleFiring;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepStatus;
import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import dev.areaflow.topology.decision.CarriedFiring;
import dev.areaflow.topology.decision.CompiledPlans;
import dev.areaflow.topology.decision.Decider;
import dev.areaflow.topology.decision.Definition;
import dev.areaflow.topology.rules.Firing;
import dev.areaflow.topology.rules.Kept;
import dev.areaflow.topology.rules.Usage;
import dev.areaflow.topology.runs.PlanSteps;
import dev.areaflow.topology.runs.RetryPolicy;
import dev.areaflow.topology.runs.Subject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private static final RetryPolicy RETRIES =
      new RetryPolicy(
          List.of(), Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofSeconds(10));

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

  /** One of a replay of many events. */
  private static Event ofMany(Event event, boolean forced) {
    return Event.newBuilder(replay(event, 3, AREA)).setReplayId("many").setForced(forced).build();
  }

  private void define(PlanSteps... steps) {
    define(List.of(steps), List.of());
  }

  private void define(List<PlanSteps> steps, List<PlanSteps> onError) {
    Plan plan =
        new Plan(
            "github",
            "issue_opened",
            null,
            null,
            null,
            steps.stream().map(PlanSteps::step).toList(),
            onError.stream().map(PlanSteps::step).toList(),
            null);
    topology.define(area(AREA, HOOK, 2, plan, true));
  }

  private static Map<String, StepStatus> statuses(RunRecord run) {
    Map<String, StepStatus> statuses = new LinkedHashMap<>();
    run.getSteps().forEach(step -> statuses.put(step.getId(), step.getStatus()));
    return statuses;
  }

  private RunRecord lastRun() {
    return topology.runs().getLast();
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
  void aReplayOfManyLeavesOutWhatIsNotSafeToRepeat() {
    // given
    define(step("post", "${event.title}"), step("look", "${event.title}").replaySafe());

    // when
    topology.happen(ofMany(bug("e1", EventSource.WEBHOOK), false));

    // then
    assertThat(topology.command().getStepId()).isEqualTo("look");
    RunRecord run = lastRun();
    assertThat(run.getReplayId()).contains("many");
    assertThat(run.getGeneration()).isEqualTo(3);
    assertThat(run.getSteps().getFirst().getStatus()).isEqualTo(StepStatus.SKIPPED);
    assertThat(run.getSteps().getFirst().getReason().orElseThrow()).contains("Force the replay");
    assertThat(run.getSteps().getLast().getReason()).isEmpty();
  }

  @Test
  void aForcedReplayCarriesAllOut() {
    // given
    define(step("post", "${event.title}"), step("look", "${event.title}").replaySafe());

    // when
    topology.happen(ofMany(bug("e1", EventSource.WEBHOOK), true));

    // then
    assertThat(topology.commands()).extracting(Command::getStepId).containsExactly("post", "look");
    assertThat(lastRun().getReplayId()).contains("many");
  }

  @Test
  void anEventThatIsRunAgainByItselfIsCarriedOutWhole() {
    // given
    define(step("post", "${event.title}"));

    // when
    topology.happen(replay(bug("e1", EventSource.WEBHOOK), 1, AREA));

    // then
    assertThat(topology.command().getStepId()).isEqualTo("post");
    assertThat(lastRun().getReplayId()).isEmpty();
  }

  @Test
  void whatIsLeftOutMayNotBeRenderedAndStopsNothing() {
    // given
    define(step("post", "${event.none}"), step("look", "${event.title}").replaySafe());

    // when
    topology.happen(ofMany(bug("e1", EventSource.WEBHOOK), false));

    // then
    assertThat(topology.command().getStepId()).isEqualTo("look");
  }

  @Test
  void whatWaitsForAStepThatIsLeftOutIsSkippedToo() {
    // given
    define(
        step("look", "${event.title}").replaySafe().keepsOutput(),
        step("post", "${steps.look.output}").after("look").delay(Duration.ofHours(1)),
        step("then", "x").replaySafe().after("post"),
        step("choose", "").replaySafe().after("look").choose("true"),
        step("chosen", "y").replaySafe().branch("choose", 0));

    // when
    topology.happen(ofMany(bug("e1", EventSource.WEBHOOK), false));
    topology.succeed(topology.command(), "{}");
    topology.succeed(topology.command(), "{}");

    // then
    RunRecord run = lastRun();
    assertThat(run.getStatus()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(run.getReplayId()).contains("many");
    assertThat(statuses(run))
        .containsExactly(
            Map.entry("look", StepStatus.SUCCEEDED),
            Map.entry("post", StepStatus.SKIPPED),
            Map.entry("then", StepStatus.SKIPPED),
            Map.entry("choose", StepStatus.SUCCEEDED),
            Map.entry("chosen", StepStatus.SUCCEEDED));
  }

  @Test
  void aRetryLeavesTheSameOut() {
    // given
    define(
        step("look", "${event.title}").replaySafe().keepsOutput(),
        step("post", "${steps.look.output}").after("look"));
    topology.happen(ofMany(bug("e1", EventSource.WEBHOOK), false));
    topology.fail(topology.command(), ErrorClass.PERMANENT);
    RunRecord failed = lastRun();
    topology.pass(Duration.ofMinutes(1));

    // when
    topology.ask("retry", "{\"runId\":\"" + failed.getRunId() + "\"}");
    topology.succeed(topology.command(), "{}");

    // then
    RunRecord run = lastRun();
    assertThat(run.getStatus()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(statuses(run).get("post")).isEqualTo(StepStatus.SKIPPED);
    assertThat(topology.commands()).isEmpty();
  }

  @Test
  void whatAReplayFailsAtIsNotTold() {
    // given
    define(
        List.of(step("look", "${event.title}").replaySafe()),
        List.of(step("tell", "${error.step}").replaySafe()));
    topology.happen(ofMany(bug("e1", EventSource.WEBHOOK), false));

    // when
    topology.fail(topology.command(), ErrorClass.PERMANENT);

    // then
    assertThat(lastRun().getStatus()).isEqualTo(RunStatus.FAILED);
    assertThat(topology.commands()).isEmpty();

    // and when
    topology.happen(bug("e2", EventSource.WEBHOOK));
    topology.commands().stream()
        .filter(command -> command.getStepId().equals("look"))
        .forEach(command -> topology.fail(command, ErrorClass.PERMANENT));

    // then
    assertThat(topology.command().getStepId()).isEqualTo("tell");
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

  private void counting(int n) {
    topology.define(area(AREA, HOOK, 2, counting(n, "${size(events)} ${events[0].id}"), true));
  }

  private static Plan counting(int n, String text) {
    return new Plan(
        "github",
        "issue_opened",
        null,
        new RulePlan.Count(n, Duration.ofHours(1)),
        null,
        plan(null, "notify", text).steps());
  }

  /** An event that carries what the rule collected a week ago. */
  private static Event firing(String id, Plan plan, String... events) {
    List<Kept> kept = new ArrayList<>();
    List<Bindings.Collected> collected = new ArrayList<>();
    Instant then = Harness.START.minus(Duration.ofDays(7));
    for (int i = 0; i < events.length; i++) {
      kept.add(new Kept(events[i], then.plusSeconds(i), then, HOOK, 0, 100 + i));
      collected.add(
          new Bindings.Collected(
              new Meta(events[i], then, "github", "issue_opened", ""),
              "{\"title\":\"old\"}".getBytes(StandardCharsets.UTF_8)));
    }
    CarriedFiring carried =
        new CarriedFiring(
            new Decider(new CompiledPlans(new Expressions(), 1), RETRIES)
                .rule(definition(plan))
                .orElseThrow()
                .fingerprint(),
            new Firing(then.plusSeconds(60), kept, Optional.empty()),
            collected);
    return Event.newBuilder(ofMany(bug(id, EventSource.UNKNOWN), true))
        .setPayload(ByteBuffer.allocate(0))
        .setFiring(carried.toAvro())
        .build();
  }

  private static Definition definition(Plan plan) {
    return new Definition(new Subject(HOOK, AREA, 2, "owner-1"), true, plan.toJson());
  }

  @Test
  void whatARuleCollectedThenMakesARunAndLeavesItsMemoryOfNow() {
    // given
    counting(3);
    topology.happen(bug("new-1", EventSource.WEBHOOK));
    topology.happen(bug("new-2", EventSource.WEBHOOK));
    topology.commands();
    topology.runs();
    Usage before = topology.usage(HOOK, AREA);

    // when
    topology.happen(firing("f1", counting(3, ""), "old-1", "old-2", "old-3"));

    // then
    Command command = commandOf("notify");
    assertThat(Harness.inputs(command).get("text").asText()).isEqualTo("3 old-1");
    RunRecord run = topology.runs().getFirst();
    assertThat(run.getEventId()).isEqualTo("old-3");
    assertThat(run.getEventOffset()).isEqualTo(102);
    assertThat(run.getGeneration()).isEqualTo(3);
    assertThat(run.getReplayId()).contains("many");
    assertThat(run.getStartedAt()).isEqualTo(topology.now());
    assertThat(run.getEvents())
        .extracting(CollectedEvent::getId)
        .containsExactly("old-1", "old-2", "old-3");
    assertThat(topology.usage(HOOK, AREA)).isEqualTo(before);

    // and when
    topology.happen(bug("new-3", EventSource.WEBHOOK));

    // then
    assertThat(Harness.inputs(commandOf("notify")).get("text").asText()).isEqualTo("3 new-1");
  }

  /** Those of the other AREA at the hook are left out. */
  private Command commandOf(String step) {
    List<Command> found =
        topology.commands().stream().filter(c -> c.getStepId().equals(step)).toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  @Test
  void aFiringThatIsWrittenTwiceBeginsOneRun() {
    // given
    counting(3);
    Event firing = firing("f1", counting(3, ""), "old-1", "old-2", "old-3");
    topology.happen(firing);
    topology.command();
    topology.runs();

    // when
    topology.happen(firing);

    // then
    assertThat(topology.commands()).isEmpty();
    assertThat(topology.runStatuses()).containsExactly(RunStatus.DUPLICATE);
  }

  @Test
  void aFiringOfAnotherRuleThanThatOfNowBeginsNoRun() {
    // given
    counting(3);

    // when
    topology.happen(firing("f1", counting(2, ""), "old-1", "old-2"));

    // then
    assertThat(topology.commands()).isEmpty();
    RunRecord verdict = topology.runs().getFirst();
    assertThat(verdict.getStatus()).isEqualTo(RunStatus.ERROR);
    assertThat(verdict.getDetail().orElseThrow()).contains("another replay");
    assertThat(verdict.getEventId()).isEqualTo("old-2");
    assertThat(verdict.getReplayId()).contains("many");
  }

  @Test
  void ofWhatAChangeSawTheReplayHasBoth() {
    // given
    Plan watching =
        new Plan(
            "github",
            "issue_opened",
            null,
            new RulePlan.Change("event.title", null),
            null,
            plan(null, "notify", "${change.old} ${change['new']} ${event.title}").steps());
    topology.define(area(AREA, HOOK, 2, watching, true));
    Event carrying = firing("f1", watching, "old-1");
    RuleFiring changed =
        RuleFiring.newBuilder(carrying.getFiring().orElseThrow())
            .setBefore("\"older\"")
            .setAfter("\"old\"")
            .build();

    // when
    topology.happen(Event.newBuilder(carrying).setFiring(changed).build());

    // then
    assertThat(Harness.inputs(topology.command()).get("text").asText()).isEqualTo("older old old");
  }

  @Test
  void forAnAreaOfSeveralActionsAReplayComesToItsHome() {
    // given
    Plan plan = plan(null, "notify", "${meta.of} ${event.title}");
    topology.define(
        new AreaRow(
            "area-3",
            "owner-1",
            HOOK,
            "name",
            new Plan("", "", null, plan.steps()).toJson(),
            1,
            true,
            null,
            null,
            "[{\"hookId\":\"hook-1\",\"of\":\"one\"},{\"hookId\":\"hook-2\",\"of\":\"other\"}]",
            null));
    Event replayed = event("e7", "hook-2", EventSource.WEBHOOK, "{\"title\":\"bug\"}");

    // when
    topology.happen(
        "area-3",
        Event.newBuilder(replayed)
            .setOf("other")
            .setGeneration(1)
            .setOnlyArea("area-3")
            .setReplayId("many")
            .setForced(true)
            .build());

    // then
    assertThat(Harness.inputs(topology.command()).get("text").asText()).isEqualTo("other bug");
    RunRecord run = topology.runs().getFirst();
    assertThat(run.getHome()).isEqualTo("area-3");
    assertThat(run.getHookId()).isEqualTo("hook-2");
  }

  @Test
  void ofAReplayForAnAreaThatIsNotThereItIsTold() {
    // given
    topology.define(area(AREA, HOOK, 2, plan(null, "notify", ""), false));

    // when
    topology.happen(ofMany(bug("e1", EventSource.WEBHOOK), true));

    // then
    assertThat(topology.commands()).isEmpty();
    RunRecord verdict = topology.runs().getFirst();
    assertThat(verdict.getStatus()).isEqualTo(RunStatus.ERROR);
    assertThat(verdict.getAreaId()).isEqualTo(AREA);
    assertThat(verdict.getReplayId()).contains("many");
  }
}
