package dev.areaflow.topology.runs;

import static java.util.Objects.requireNonNull;

import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.runs.Guidance.Failing;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Chosen;
import dev.areaflow.topology.runs.StepState.Closed;
import dev.areaflow.topology.runs.StepState.Delayed;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Looped;
import dev.areaflow.topology.runs.StepState.Looping;
import dev.areaflow.topology.runs.StepState.Open;
import dev.areaflow.topology.runs.StepState.Pending;
import dev.areaflow.topology.runs.StepState.Skipped;
import dev.areaflow.topology.runs.StepState.Succeeded;
import dev.areaflow.topology.runs.StepState.Unknown;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * One transition of a guided run: first what happened, then all that follows at once, until every
 * step has begun that can and is skipped that has to be. For one thread, and one use.
 */
final class Walk {
  private static final Duration LONGEST_DELAY = Duration.ofDays(31);

  private final Guide guide;
  private final Run run;
  private final Structure structure;
  private final List<Step> steps;
  private final Stock stock;
  private final Repetition repetition;
  private Guidance guidance;

  Walk(Guide guide, Run run) {
    this.guide = guide;
    this.run = run;
    this.structure = guide.script().structure();
    this.steps = new ArrayList<>(run.steps());
    this.guidance = requireNonNull(run.guidance());
    this.stock = new Stock(guide, run, guidance.outputBytes());
    this.repetition = new Repetition(guide, run, stock);
  }

  /** What it has become; the same run where nothing changed. */
  Moved end() {
    settle();
    return stock.moved(run.with(steps, guidance.withOutputBytes(stock.outputBytes())));
  }

  void leaveQueue() {
    guidance = guidance.withPlace(0);
  }

  void on(Outcome outcome) {
    int place = place(outcome.getStepId());
    if (place < 0) {
      return;
    }
    Step step = steps.get(place);
    if (step.state() instanceof Looping looping) {
      set(place, repetition.on(step, looping, outcome));
      return;
    }
    Step after = step.on(outcome, attempts(step));
    if (after.state() instanceof Succeeded succeeded && !after.equals(step)) {
      after = after.with(kept(step, outcome, succeeded));
      if (step.state() instanceof Unknown) {
        unskip();
      }
    }
    set(place, after.state());
  }

  private StepState kept(Step step, Outcome outcome, Succeeded succeeded) {
    return step.call().handling().keepsOutput()
        ? stock
            .keepOutput(Materials.output(step.id()), outcome.getOutput().orElse(null))
            .<StepState>map(
                problem -> new Failed(succeeded.tries(), Answer.permanent(problem), guide.now()))
            .orElse(succeeded)
        : succeeded;
  }

  void due(String part, Instant at) {
    int zero = part.indexOf('\0');
    int place = place(zero < 0 ? part : part.substring(0, zero));
    if (place < 0) {
      return;
    }
    Step step = steps.get(place);
    switch (step.state()) {
      case Delayed delayed when delayed.dueAt().equals(at) ->
          set(place, begin(step, delayed.issued()));
      case Looping looping when zero > 0 ->
          set(
              place,
              repetition.due(
                  step, looping, Integer.parseInt(part.substring(zero + 1)), at, seen()));
      case Open open -> {
        StepState next = attempts(step).due(open, at);
        set(
            place,
            next instanceof StepState.Running running && !next.equals(open)
                ? issued(step, running)
                : next);
      }
      case Pending _, Delayed _, Looping _, Closed _ -> {}
    }
  }

  /** Inputs are the same for each attempt, since all that they are made of is kept. */
  private StepState issued(Step step, StepState.Running running) {
    try {
      stock.issue(run.commandId(step.id()), guide.script().inputs(step.id(), seen(), null));
      return running;
    } catch (EvaluationException e) {
      return new Failed(running.tries(), Answer.of(e), guide.now());
    }
  }

  void beginAnew(long queueAt) {
    guidance = guidance.withPlace(queueAt);
    for (int place = 0; place < guidance.ordinary(); place++) {
      Step step = steps.get(place);
      switch (step.state()) {
        case Cancelled _ -> set(place, new Pending(RunLog.issued(step.state())));
        case Failed _, Unknown _ when step.failsRun() ->
            set(place, new Pending(RunLog.issued(step.state())));
        case Looped looped when looped.stopped() || step.failsRun() ->
            set(place, new Looping(looped.loop().anew(), List.of(), looped.loop().issued()));
        case Closed _, Pending _, Delayed _, Open _, Looping _ -> {}
      }
    }
    unskip();
  }

  /** What was skipped is asked again: it may have been for what is no more. */
  private void unskip() {
    guidance = guidance.withFailing(null);
    for (int place = 0; place < guidance.ordinary(); place++) {
      if (steps.get(place).state() instanceof Skipped skipped) {
        set(place, new Pending(skipped.issued()));
      }
    }
  }

  void tell(Failing failing) {
    guidance = guidance.withFailing(failing);
    for (Plan.Step plan : guide.script().structure().plan().onError()) {
      int place = place(plan.id());
      if (place < 0) {
        steps.add(Step.pending(Call.of(plan)));
      } else {
        set(place, new Pending(RunLog.issued(steps.get(place).state())));
      }
    }
  }

  /** Begins, and skips, until nothing more follows. */
  private void settle() {
    if (guidance.isQueued()) {
      return;
    }
    boolean moved;
    do {
      moved = false;
      for (int place = 0; place < steps.size(); place++) {
        StepState before = steps.get(place).state();
        StepState after = follow(place);
        set(place, after);
        moved |= !after.equals(before);
      }
    } while (moved);
  }

  private StepState follow(int place) {
    Step step = steps.get(place);
    boolean isOver = place < guidance.ordinary() && hasFailed();
    return switch (step.state()) {
      case Pending _, Delayed _ when isOver -> skipped(step);
      case Pending pending -> pending(step, pending);
      case Looping looping -> repetition.fill(step, looping, isOver, this::seen);
      case Delayed _, Open _, Closed _ -> step.state();
    };
  }

  private boolean hasFailed() {
    return steps.subList(0, guidance.ordinary()).stream().anyMatch(Step::failsRun);
  }

  private StepState pending(Step step, Pending pending) {
    Plan.Flow flow = structure.flow(step.id());
    if (step.call().handling().withheld() || structure.isBarred(step.id(), this::state)) {
      return skipped(step);
    }
    if (!structure.awaited(step.id()).stream().allMatch(id -> state(id) instanceof Closed)) {
      return pending;
    }
    try {
      boolean begins =
          flow.when() == null
              ? structure.needed(step.id()).stream().allMatch(this::succeeded)
              : guide.script().holds(step.id(), seen());
      if (!begins) {
        return skipped(step);
      }
      Instant from = delayedUntil(step.id(), flow);
      return from.isAfter(guide.now())
          ? new Delayed(pending.issued(), from)
          : begin(step, pending.issued());
    } catch (EvaluationException e) {
      return failed(step, e);
    }
  }

  private Skipped skipped(Step step) {
    return new Skipped(guide.now(), RunLog.issued(step.state()));
  }

  private Failed failed(Step step, EvaluationException problem) {
    Tries tries = Tries.before(guide.now(), RunLog.issued(step.state()));
    return new Failed(tries, Answer.of(problem), guide.now());
  }

  private Instant delayedUntil(String stepId, Plan.Flow flow) {
    Plan.Delay delay = flow.delay();
    if (delay == null) {
      return guide.now();
    }
    Duration period = delay.period();
    Instant until =
        period == null ? guide.script().until(stepId, seen()) : guide.now().plus(period);
    if (until.isAfter(guide.now().plus(LONGEST_DELAY))) {
      throw new EvaluationException(
          "it would wait until %s, but a step waits %d days at most"
              .formatted(until, LONGEST_DELAY.toDays()));
    }
    return until;
  }

  private StepState begin(Step step, int issued) {
    Plan.Flow flow = structure.flow(step.id());
    try {
      if (flow.choose() != null) {
        return new Chosen(guide.script().choose(step.id(), seen()), guide.now());
      }
      if (flow.forEach() != null) {
        return repetition.begin(step, issued, seen());
      }
      stock.issue(run.commandId(step.id()), guide.script().inputs(step.id(), seen(), null));
      return attempts(step).begin(issued);
    } catch (EvaluationException e) {
      return failed(step, e);
    }
  }

  private Seen seen() {
    return stock.seen(steps, guidance);
  }

  private boolean succeeded(String stepId) {
    return state(stepId).status() == dev.areaflow.schemas.avro.StepStatus.SUCCEEDED;
  }

  private StepState state(String stepId) {
    return steps.get(place(stepId)).state();
  }

  private int place(String stepId) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).id().equals(stepId)) {
        return i;
      }
    }
    return -1;
  }

  private void set(int place, StepState state) {
    steps.set(place, steps.get(place).with(state));
  }

  private Attempts attempts(Step step) {
    return run.attempts(step, guide.now(), guide.policy());
  }
}
