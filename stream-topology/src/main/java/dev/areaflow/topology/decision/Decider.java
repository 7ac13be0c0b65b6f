package dev.areaflow.topology.decision;

import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.Meta;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.topology.decision.Verdict.Admitted;
import dev.areaflow.topology.decision.Verdict.Erred;
import dev.areaflow.topology.decision.Verdict.Filtered;
import dev.areaflow.topology.decision.Verdict.Matched;
import dev.areaflow.topology.decision.Verdict.Repeated;
import dev.areaflow.topology.rules.Firing;
import dev.areaflow.topology.rules.Kept;
import dev.areaflow.topology.runs.Cause;
import dev.areaflow.topology.runs.RetryPolicy;
import dev.areaflow.topology.runs.Run;
import dev.areaflow.topology.runs.Subject;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The decision: an event and the AREAs at its hook give a verdict each. A function of its arguments
 * alone; whoever replays events gets what the live ones got. Safe for several threads.
 */
public final class Decider {
  private final CompiledPlans plans;
  private final RetryPolicy policy;

  public Decider(CompiledPlans plans, RetryPolicy policy) {
    this.plans = plans;
    this.policy = policy;
  }

  /** The same of an event at its hook, which is its AREAs' home. */
  public List<Verdict> decide(
      Event event,
      Cause cause,
      List<Definition> definitions,
      BooleanSupplier repeated,
      Instant now) {
    return decide(event, "", cause, definitions, repeated, now);
  }

  /**
   * @param of what the AREAs call the event's action where they have several, else empty
   * @param definitions the active ones at the event's home
   * @param repeated whether an event of this id matched here before; asked only if this one does
   * @param now when the commands are issued; decides until when they are valid, nothing else
   * @return a verdict for each definition, in their order
   */
  public List<Verdict> decide(
      Event event,
      String of,
      Cause cause,
      List<Definition> definitions,
      BooleanSupplier repeated,
      Instant now) {
    Bindings bindings =
        Bindings.of(
            bytes(event.getPayload()),
            new Meta(event.getId(), event.getTime(), event.getService(), event.getAction(), of));
    List<Verdict> verdicts =
        definitions.stream().map(d -> decide(d, event, of, cause, bindings, now)).toList();
    return verdicts.stream().anyMatch(Verdict::isMatch) && repeated.getAsBoolean()
        ? verdicts.stream().map(Decider::repeated).toList()
        : verdicts;
  }

  private static Verdict repeated(Verdict verdict) {
    return switch (verdict) {
      case Matched(var run) -> new Repeated(run.subject());
      case Admitted(var definition, var _, var _) -> new Repeated(definition.subject());
      case Filtered _, Erred _, Repeated _ -> verdict;
    };
  }

  /**
   * The rule of a definition, if it has one.
   *
   * @param definition an active one
   */
  public Optional<CompiledRule> rule(Definition definition) {
    return definition.isListener() ? Optional.empty() : plans.plan(definition).rule();
  }

  /**
   * The run of a rule that fires.
   *
   * @param definition as it is now
   * @param events those of the firing, with their payloads
   * @param now when the commands are issued; decides until when they are valid, nothing else
   */
  public Run fire(
      Definition definition, Firing firing, List<Bindings.Collected> events, Instant now) {
    Bindings bindings =
        Bindings.of(
            events,
            firing
                .change()
                .map(change -> new Bindings.Changed(change.old(), change.now()))
                .orElse(null));
    return Run.of(
        definition.subject(),
        Cause.of(firing, definition.subject().home()),
        plans.plan(definition).steps(bindings, now, policy));
  }

  private Verdict decide(
      Definition definition, Event event, String of, Cause cause, Bindings bindings, Instant now) {
    Subject subject = definition.subject();
    try {
      CompiledPlan plan = plans.plan(definition);
      if (!plan.matches(bindings)) {
        return new Filtered(subject);
      }
      return plan.rule()
          .<Verdict>map(rule -> admitted(definition, rule, kept(event, cause), of, bindings))
          .orElseGet(() -> new Matched(Run.of(subject, cause, plan.steps(bindings, now, policy))));
    } catch (EvaluationException | InvalidPlanException e) {
      return new Erred(subject, String.valueOf(e.getMessage()));
    }
  }

  private static Verdict admitted(
      Definition definition, CompiledRule rule, Kept event, String of, Bindings bindings) {
    return new Admitted(definition, rule.key(bindings), rule.arrival(event, of, bindings));
  }

  private static Kept kept(Event event, Cause cause) {
    return new Kept(
        event.getId(),
        cause.recordedAt(),
        event.getTime(),
        cause.hookId(),
        cause.partition(),
        cause.offset());
  }

  private static byte[] bytes(ByteBuffer payload) {
    if (payload.hasArray()
        && payload.arrayOffset() == 0
        && payload.remaining() == payload.array().length) {
      return payload.array();
    }
    byte[] copy = new byte[payload.remaining()];
    payload.duplicate().get(copy);
    return copy;
  }
}
