package dev.areaflow.topology.runs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.OutcomeKind;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.runs.StepState.Closed;
import dev.areaflow.topology.runs.StepState.Looping;
import dev.areaflow.topology.runs.StepState.Pending;
import dev.areaflow.topology.runs.StepState.Skipped;
import dev.areaflow.topology.runs.StepState.Unknown;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for guided runs, whatever their AREA says, whatever comes, however often. */
final class GuidePropertiesTest {
  private static final int ITEMS = 3;

  /** Something that happens to a step, or an item of it, some time after what happened before. */
  record Incident(Kind kind, int step, int item, int attempt, Duration later) {
    enum Kind {
      SUCCEEDED,
      RETRYABLE,
      PERMANENT,
      UNCONFIRMED,
      DEFERRED,
      EXPIRED,
      TIMER,
      CANCEL,
      RETRY,
      TELL
    }
  }

  @Provide
  Arbitrary<List<Plan.Step>> plans() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 7), Arbitraries.longs().between(0, 1L << 40))
        .as(GuidePropertiesTest::plan);
  }

  /** Steps that wait for earlier ones only, in every other way at random. */
  private static List<Plan.Step> plan(int size, long seed) {
    Random random = new Random(seed);
    List<Plan.Step> steps = new ArrayList<>();
    List<String> handled = new ArrayList<>();
    List<String> choices = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      String id = "s" + i;
      PlanSteps flow = PlanSteps.step(id);
      List<String> after =
          steps.stream().map(Plan.Step::id).filter(_ -> random.nextInt(3) == 0).toList();
      flow.after(after.toArray(String[]::new));
      if (!after.isEmpty() && random.nextBoolean()) {
        String status = List.of("succeeded", "failed", "skipped").get(random.nextInt(3));
        flow.when(after.getFirst() + "=" + status);
      } else if (random.nextInt(8) == 0) {
        flow.when(List.of("true", "false", "!no value").get(random.nextInt(3)));
      }
      if (!choices.isEmpty() && random.nextBoolean()) {
        flow.branch(choices.getLast(), random.nextInt(2));
      } else if (!handled.isEmpty() && random.nextBoolean()) {
        flow.handles(handled.getLast());
      }
      if (random.nextInt(5) == 0) {
        flow.choose("false", List.of("true", "!no value").get(random.nextInt(2)));
        choices.add(id);
      } else {
        call(flow, random, id, handled);
      }
      steps.add(flow.step());
    }
    return steps;
  }

  private static void call(PlanSteps flow, Random random, String id, List<String> handled) {
    if (random.nextInt(3) == 0) {
      flow.forEach(
          List.of("x,y,z", "", "x", "!no value").get(random.nextInt(4)), 1 + random.nextInt(2));
    }
    if (random.nextInt(4) == 0) {
      flow.delay(Duration.ofMinutes(random.nextInt(3)));
    }
    if (random.nextInt(4) == 0) {
      flow.atMostOnce();
    }
    if (random.nextBoolean()) {
      flow.keepsOutput();
    }
    if (random.nextInt(4) == 0) {
      flow.retry(new Plan.Retry(1 + random.nextInt(3), null, List.of("retryable", "permanent")));
    }
    Plan.OnFailure onFailure =
        List.of(Plan.OnFailure.STOP, Plan.OnFailure.CONTINUE, Plan.OnFailure.RUN)
            .get(random.nextInt(3));
    flow.onFailure(onFailure);
    if (onFailure == Plan.OnFailure.RUN) {
      handled.add(id);
    }
  }

  @Provide
  Arbitrary<List<Incident>> incidents() {
    return Combinators.combine(
            Arbitraries.of(Incident.Kind.class),
            Arbitraries.integers().between(0, 6),
            Arbitraries.integers().between(0, ITEMS - 1),
            Arbitraries.integers().between(1, 4),
            Arbitraries.longs().between(0, Duration.ofHours(2).toMillis()).map(Duration::ofMillis))
        .as(Incident::new)
        .list()
        .ofMaxSize(60);
  }

  @Property(tries = 500)
  void whatIsKeptAndIssuedAlwaysFits(
      @ForAll("plans") List<Plan.Step> plan, @ForAll("incidents") List<Incident> incidents) {
    GuidedRun run = new GuidedRun(FakeScript.of(plan, List.of(PlanSteps.step("tell").step())));
    run.begin();
    verify(run, plan);

    for (Incident incident : incidents) {
      run.pass(incident.later());
      Run before = run.run();
      befall(run, plan, incident);
      verify(run, plan);
      verifySteps(before, run.run(), incident);
    }
  }

  @Property(tries = 500)
  void everyRunEndsOnceOutcomesStop(
      @ForAll("plans") List<Plan.Step> plan, @ForAll("incidents") List<Incident> incidents) {
    GuidedRun run = new GuidedRun(FakeScript.of(plan, List.of(PlanSteps.step("tell").step())));
    run.begin();
    incidents.forEach(incident -> befall(run, plan, incident));

    for (int i = 0; i < 20_000 && !run.timers().isEmpty(); i++) {
      run.fireNextTimer();
    }

    assertThat(run.run().finished()).isTrue();
  }

  private static void befall(GuidedRun run, List<Plan.Step> plan, Incident incident) {
    Plan.Step step = plan.get(incident.step() % plan.size());
    boolean loops = step.flow() != null && step.flow().forEach() != null;
    Outcome.Builder outcome =
        run.outcome(step.id(), loops ? incident.item() : null).setAttempt(incident.attempt());
    switch (incident.kind()) {
      case SUCCEEDED -> run.answer(outcome.setKind(OutcomeKind.SUCCEEDED).build());
      case RETRYABLE -> run.answer(failed(outcome, ErrorClass.RETRYABLE));
      case PERMANENT -> run.answer(failed(outcome, ErrorClass.PERMANENT));
      case UNCONFIRMED -> run.answer(failed(outcome, ErrorClass.UNCONFIRMED));
      case DEFERRED ->
          run.answer(outcome.setKind(OutcomeKind.DEFERRED).setRetryAfterMillis(1_000L).build());
      case EXPIRED -> run.answer(outcome.setKind(OutcomeKind.EXPIRED).build());
      case TIMER -> {
        if (!run.timers().isEmpty()) {
          run.fireNextTimer();
        }
      }
      case CANCEL -> {
        if (incident.attempt() == 4) {
          run.cancel();
        }
      }
      case RETRY -> {
        if (run.run().finished()) {
          run.retry();
        }
      }
      case TELL -> {
        if (run.mayTell()) {
          run.tell(run.now());
        }
      }
    }
  }

  private static Outcome failed(Outcome.Builder outcome, ErrorClass errorClass) {
    return outcome.setKind(OutcomeKind.FAILED).setErrorClass(errorClass).setMessage("no").build();
  }

  private static void verify(GuidedRun run, List<Plan.Step> plan) {
    assertThat(run.commands()).as("an attempt is issued once").doesNotHaveDuplicates();
    long due = 0;
    for (Step step : run.run().steps()) {
      if (step.state() instanceof Looping looping) {
        due += looping.active().size();
        assertThat(looping.active().size()).isBetween(1, 2);
      } else if (!(step.state() instanceof Closed || step.state() instanceof Pending)) {
        due++;
      }
    }
    assertThat(run.timers()).as("what waits for a time has its timer").hasSize((int) due);
    Set<String> begun = new HashSet<>();
    run.commands().forEach(command -> begun.add(command.split("[.#]", 2)[0]));
    for (Plan.Step step : plan) {
      StepState state = Samples.state(run.run(), step.id());
      if (!begun.contains(step.id()) && !(state instanceof Closed)) {
        assertThat(state.status().name())
            .as("a step that has not begun waits")
            .isIn("PENDING", "WAITING");
      }
    }
    if (!run.run().finished()) {
      assertThat(run.timers()).as("a run that goes on waits for a time, too").isNotEmpty();
    }
  }

  private static void verifySteps(Run before, Run after, Incident incident) {
    if (incident.kind() == Incident.Kind.RETRY || incident.kind() == Incident.Kind.TELL) {
      return;
    }
    boolean isConfirmed =
        before.steps().stream()
            .anyMatch(
                step ->
                    step.state() instanceof Unknown
                        && !Samples.state(after, step.id()).equals(step.state()));
    for (Step step : before.steps()) {
      boolean mayChange =
          isConfirmed && (step.state() instanceof Unknown || step.state() instanceof Skipped);
      if (step.state() instanceof Closed && !mayChange) {
        assertThat(Samples.state(after, step.id()))
            .as("what is closed stays as it is")
            .isEqualTo(step.state());
      }
    }
  }
}
