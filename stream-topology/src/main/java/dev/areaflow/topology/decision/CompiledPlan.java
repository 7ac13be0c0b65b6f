package dev.areaflow.topology.decision;

import static java.util.Objects.requireNonNull;

import dev.areaflow.expressions.AreaExpressions;
import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.Condition;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.InvalidExpressionException;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.runs.Call;
import dev.areaflow.topology.runs.Cause;
import dev.areaflow.topology.runs.RetryPolicy;
import dev.areaflow.topology.runs.Step;
import dev.areaflow.topology.runs.Structure;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A plan with its expressions compiled. Immutable and safe for several threads. */
final class CompiledPlan {
  /** All inputs of a run together, so that its row fits a message with room to spare. */
  static final int MAX_INPUT_BYTES = 2 * 1024 * 1024;

  private final @Nullable Condition condition;
  private final Optional<CompiledRule> rule;
  private final Structure structure;
  private final boolean isAtOnce;
  private final Map<String, CompiledStep> steps;

  /** A reaction for one event; with a problem where its inputs could not be rendered. */
  private record Rendered(Call call, @Nullable String problem) {}

  private CompiledPlan(Plan plan, AreaExpressions area) {
    String cel = plan.condition();
    AreaExpressions fired = plan.rule() == null ? area : area.ofCollected();
    this.condition = cel == null ? null : area.condition(cel);
    this.rule = CompiledRule.of(plan, area);
    this.structure = Structure.of(plan);
    this.isAtOnce = structure.isAtOnce();
    this.steps = new LinkedHashMap<>();
    plan.steps().forEach(step -> steps.put(step.id(), compile(step, fired)));
    plan.onError().forEach(step -> steps.put(step.id(), compile(step, fired.ofErrors())));
  }

  private CompiledStep compile(Plan.Step step, AreaExpressions place) {
    Set<String> known = structure.known(step.id());
    return CompiledStep.of(step, known.isEmpty() ? place : place.ofSteps(known));
  }

  /**
   * Compiles a plan.
   *
   * @param plan a {@link Plan} in JSON
   * @throws InvalidPlanException if it cannot be executed
   */
  static CompiledPlan compile(String plan, Expressions expressions) {
    try {
      return new CompiledPlan(Plan.parse(plan), expressions.ofArea());
    } catch (InvalidExpressionException | IllegalArgumentException e) {
      throw new InvalidPlanException(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException e) {
      // Whatever a plan lacks, it must not stop the others at its home.
      throw new InvalidPlanException("expected a complete plan, found one that fails with " + e, e);
    }
  }

  /**
   * Whether an event matches.
   *
   * @throws EvaluationException if the condition has no value for it
   */
  boolean matches(Bindings bindings) {
    return condition == null || condition.matches(bindings);
  }

  /** What it makes of the events that match; empty where each makes a run. */
  Optional<CompiledRule> rule() {
    return rule;
  }

  /** Whether all steps begin with the run, and nothing of it has to be kept for later. */
  boolean isAtOnce() {
    return isAtOnce;
  }

  /** Which steps wait for which. */
  Structure structure() {
    return structure;
  }

  /** A step, or one that tells of a failure. */
  CompiledStep step(String stepId) {
    return requireNonNull(steps.get(stepId), stepId);
  }

  /**
   * The steps of a run for an event that matches, where all begin at once: all begun, or, where
   * inputs of one cannot be rendered, that one failed and the others skipped, so that nothing is
   * done by halves. A replay leaves out what is not safe to repeat.
   */
  List<Step> steps(Bindings bindings, Cause cause, Instant now, RetryPolicy policy) {
    List<Rendered> rendered =
        steps.values().stream().map(step -> render(step, bindings, cause)).toList();
    long bytes = rendered.stream().mapToLong(r -> r.call().inputs().remaining()).sum();
    if (bytes > MAX_INPUT_BYTES) {
      String problem =
          "the inputs of all reactions take "
              + bytes
              + " bytes, more than the "
              + MAX_INPUT_BYTES
              + " allowed; take less of the event into them";
      return rendered.stream()
          .map(r -> Step.failed(r.call().withoutInputs(), problem, now))
          .toList();
    }
    boolean stops = rendered.stream().anyMatch(CompiledPlan::stops);
    return rendered.stream().map(r -> step(r, stops, now, policy)).toList();
  }

  private static boolean stops(Rendered rendered) {
    return rendered.problem() != null
        && rendered.call().handling().onFailure() == Plan.OnFailure.STOP;
  }

  private static Step step(Rendered rendered, boolean stops, Instant now, RetryPolicy policy) {
    String problem = rendered.problem();
    if (problem != null) {
      return Step.failed(rendered.call(), problem, now);
    }
    return stops || rendered.call().handling().withheld()
        ? Step.skipped(rendered.call(), now)
        : Step.begun(rendered.call(), now, policy);
  }

  private static Rendered render(CompiledStep step, Bindings bindings, Cause cause) {
    if (cause.withholds() && !step.plan().replaySafe()) {
      return new Rendered(Call.ofReplay(step.plan()), null);
    }
    try {
      return new Rendered(step.call(step.inputs(bindings)), null);
    } catch (EvaluationException e) {
      return new Rendered(step.call(new byte[0]), String.valueOf(e.getMessage()));
    }
  }
}
