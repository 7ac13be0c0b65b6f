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
import dev.areaflow.topology.runs.Guide;
import dev.areaflow.topology.runs.Materials;
import dev.areaflow.topology.runs.RetryPolicy;
import dev.areaflow.topology.runs.Run;
import dev.areaflow.topology.runs.Step;
import dev.areaflow.topology.runs.Structure;
import dev.areaflow.topology.runs.Subject;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The decision: an event and the AREAs at its hook give a verdict each. A function of its arguments
 * alone; whoever replays events gets what the live ones got. It is open for whoever only listens to
 * what rules fire. Safe for several threads.
 */
public class Decider {
  private static final String OTHER_RULE =
      "The replay is of another rule than the AREA has by now; ask for another replay.";

  private final CompiledPlans plans;
  private final RetryPolicy policy;
  private final Cause.@Nullable Replay replay;

  public Decider(CompiledPlans plans, RetryPolicy policy) {
    this(plans, policy, null);
  }

  /**
   * @param replay that everything is decided for, whatever the events say; null for none
   */
  public Decider(CompiledPlans plans, RetryPolicy policy, Cause.@Nullable Replay replay) {
    this.plans = plans;
    this.policy = policy;
    this.replay = replay;
  }

  /** When calls are made again, and how long they may take. */
  public RetryPolicy policy() {
    return policy;
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
    Cause why = of(cause);
    Bindings bindings = Bindings.of(bytes(event.getPayload()), meta(event, of));
    List<Verdict> verdicts =
        definitions.stream().map(d -> decide(d, event, of, why, bindings, now)).toList();
    return verdicts.stream().anyMatch(Verdict::isMatch) && repeated.getAsBoolean()
        ? verdicts.stream().map(Decider::repeated).toList()
        : verdicts;
  }

  private Cause of(Cause cause) {
    return replay == null ? cause : cause.in(replay);
  }

  private static Verdict repeated(Verdict verdict) {
    return switch (verdict) {
      case Matched(var run, var _) -> new Repeated(run.subject());
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
   * What a rule that fires begins.
   *
   * @param definition as it is now
   * @param events those of the firing, with their payloads
   * @param now when the commands are issued; decides until when they are valid, nothing else
   */
  public Matched fire(
      Definition definition, Firing firing, List<Bindings.Collected> events, Instant now) {
    Cause cause = of(Cause.of(firing, definition.subject().home()));
    return fired(definition, plans.plan(definition), firing, events, cause, now);
  }

  private Matched fired(
      Definition definition,
      CompiledPlan plan,
      Firing firing,
      List<Bindings.Collected> events,
      Cause cause,
      Instant now) {
    Bindings.Changed change =
        firing.change().map(seen -> new Bindings.Changed(seen.old(), seen.now())).orElse(null);
    return plan.isAtOnce()
        ? atOnce(plan, definition.subject(), cause, Bindings.of(events, change), now)
        : guided(
            plan,
            definition.subject(),
            cause,
            new Origin(definition.plan(), true, events, change),
            now);
  }

  private Matched atOnce(
      CompiledPlan plan, Subject subject, Cause cause, Bindings bindings, Instant now) {
    return new Matched(Run.of(subject, cause, plan.steps(bindings, cause, now, policy)), null);
  }

  private static Matched guided(
      CompiledPlan plan, Subject subject, Cause cause, Origin origin, Instant now) {
    Structure structure = plan.structure();
    if (origin.bytes() > Origin.MOST_BYTES) {
      String problem =
          "its steps need the events later, which take %d bytes together, more than the %d that"
                  .formatted(origin.bytes(), Origin.MOST_BYTES)
              + " are kept; collect fewer";
      return new Matched(
          Run.of(
              subject,
              cause,
              structure.calls().stream().map(call -> Step.failed(call, problem, now)).toList()),
          null);
    }
    boolean serial = structure.plan().serial() != null;
    return new Matched(Run.guided(subject, cause, structure.calls(cause), serial), origin);
  }

  /**
   * Who leads a run whose steps do not all begin with it.
   *
   * @param materials what is kept of the run
   */
  public Guide guide(Run run, Materials materials, Instant now) {
    CompiledPlan plan = plans.plan(run.subject(), () -> Origin.plan(materials));
    return new Guide(
        new CompiledScript(plan, () -> Origin.of(materials).bindings()), materials, policy, now);
  }

  private Verdict decide(
      Definition definition, Event event, String of, Cause cause, Bindings bindings, Instant now) {
    Subject subject = definition.subject();
    try {
      CompiledPlan plan = plans.plan(definition);
      if (event.getFiring().isPresent()) {
        return carried(definition, plan, CarriedFiring.of(event.getFiring().get()), cause, now);
      }
      if (!plan.matches(bindings)) {
        return new Filtered(subject);
      }
      return plan.rule()
          .<Verdict>map(rule -> admitted(definition, rule, kept(event, cause), of, bindings))
          .orElseGet(() -> matched(definition, plan, event, of, cause, bindings, now));
    } catch (EvaluationException | InvalidPlanException e) {
      return new Erred(subject, String.valueOf(e.getMessage()));
    }
  }

  /** A firing of the rule as it is now begins a run, and one of another does not. */
  private Verdict carried(
      Definition definition, CompiledPlan plan, CarriedFiring carried, Cause cause, Instant now) {
    boolean isItsRule =
        plan.rule().filter(rule -> rule.fingerprint().equals(carried.rule())).isPresent();
    return isItsRule
        ? fired(definition, plan, carried.firing(), carried.events(), cause, now)
        : new Erred(definition.subject(), OTHER_RULE);
  }

  private Matched matched(
      Definition definition,
      CompiledPlan plan,
      Event event,
      String of,
      Cause cause,
      Bindings bindings,
      Instant now) {
    return plan.isAtOnce()
        ? atOnce(plan, definition.subject(), cause, bindings, now)
        : guided(
            plan,
            definition.subject(),
            cause,
            Origin.of(definition.plan(), bytes(event.getPayload()), meta(event, of)),
            now);
  }

  private static Meta meta(Event event, String of) {
    return new Meta(event.getId(), event.getTime(), event.getService(), event.getAction(), of);
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
