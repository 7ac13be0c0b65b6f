package dev.areaflow.topology.decision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.expressions.AreaExpressions;
import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.Condition;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.InvalidExpressionException;
import dev.areaflow.expressions.Template;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.runs.Call;
import dev.areaflow.topology.runs.RetryPolicy;
import dev.areaflow.topology.runs.Step;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A plan with its expressions compiled. Immutable and safe for several threads. */
final class CompiledPlan {
  /** All inputs of a run together, so that its row fits a message with room to spare. */
  private static final int MAX_INPUT_BYTES = 2 * 1024 * 1024;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final @Nullable Condition condition;
  private final Optional<CompiledRule> rule;
  private final List<Reaction> reactions;

  private record Reaction(Plan.Step plan, Template inputs) {}

  /** A reaction for one event; with a problem where its inputs could not be rendered. */
  private record Rendered(Call call, @Nullable String problem) {}

  private CompiledPlan(
      @Nullable Condition condition, Optional<CompiledRule> rule, List<Reaction> reactions) {
    this.condition = condition;
    this.rule = rule;
    this.reactions = reactions;
  }

  /**
   * Compiles a plan.
   *
   * @param plan a {@link Plan} in JSON
   * @throws InvalidPlanException if it cannot be executed
   */
  static CompiledPlan compile(String plan, Expressions expressions) {
    try {
      Plan parsed = Plan.parse(plan);
      String cel = parsed.condition();
      AreaExpressions area = expressions.ofArea();
      AreaExpressions fired = parsed.rule() == null ? area : area.ofCollected();
      return new CompiledPlan(
          cel == null ? null : area.condition(cel),
          CompiledRule.of(parsed, area),
          parsed.steps().stream()
              .map(step -> new Reaction(step, fired.template(step.inputs(), step.urlInputs())))
              .toList());
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

  /**
   * The steps of a run for an event that matches: all begun, or, where inputs of one cannot be
   * rendered, that one failed and the others skipped, so that nothing is done by halves.
   */
  List<Step> steps(Bindings bindings, Instant now, RetryPolicy policy) {
    List<Rendered> rendered =
        reactions.stream().map(reaction -> render(reaction, bindings)).toList();
    long bytes = rendered.stream().mapToLong(r -> r.call().inputs().remaining()).sum();
    if (bytes > MAX_INPUT_BYTES) {
      String problem =
          "the inputs of all reactions take "
              + bytes
              + " bytes, more than the "
              + MAX_INPUT_BYTES
              + " allowed; take less of the event into them";
      return rendered.stream()
          .map(r -> Step.failed(withoutInputs(r.call()), problem, now))
          .toList();
    }
    if (rendered.stream().anyMatch(r -> r.problem() != null)) {
      return rendered.stream()
          .map(
              r ->
                  r.problem() == null
                      ? Step.skipped(r.call(), now)
                      : Step.failed(r.call(), r.problem(), now))
          .toList();
    }
    return rendered.stream().map(r -> Step.begun(r.call(), now, policy)).toList();
  }

  private static Rendered render(Reaction reaction, Bindings bindings) {
    try {
      byte[] inputs = JSON.writeValueAsBytes(reaction.inputs().render(bindings));
      return new Rendered(call(reaction.plan(), inputs), null);
    } catch (EvaluationException e) {
      return new Rendered(call(reaction.plan(), new byte[0]), String.valueOf(e.getMessage()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree is always writable as JSON", e);
    }
  }

  private static Call call(Plan.Step plan, byte[] inputs) {
    return new Call(
        plan.id(),
        plan.service(),
        plan.reaction(),
        plan.connectionId(),
        ByteBuffer.wrap(inputs).asReadOnlyBuffer());
  }

  private static Call withoutInputs(Call call) {
    return new Call(
        call.stepId(),
        call.service(),
        call.reaction(),
        call.connectionId(),
        ByteBuffer.allocate(0).asReadOnlyBuffer());
  }
}
