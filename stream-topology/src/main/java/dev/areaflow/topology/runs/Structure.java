package dev.areaflow.topology.runs;

import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.runs.StepState.Chosen;
import dev.areaflow.topology.runs.StepState.Closed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which steps of an AREA wait for which. Immutable and safe for several threads. */
public final class Structure {
  private static final Plan.Flow AT_ONCE =
      new Plan.Flow(List.of(), null, null, null, null, null, null, null, null, null, false, false);

  private final Plan plan;
  private final Map<String, Links> links = new HashMap<>();

  /**
   * @param awaited all steps that must have ended before it can begin
   * @param needed those of them that must have succeeded, where it has no condition of its own
   */
  private record Links(Plan.Flow flow, Set<String> awaited, Set<String> needed) {}

  private Structure(Plan plan) {
    this.plan = plan;
  }

  /**
   * @throws IllegalArgumentException if a step waits for one that is not there, or for itself by
   *     way of others, so that it could never begin
   */
  public static Structure of(Plan plan) {
    Structure structure = new Structure(plan);
    Map<String, Plan.Flow> flows = new HashMap<>();
    List<Plan.Step> all = new ArrayList<>(plan.steps());
    all.addAll(plan.onError());
    for (Plan.Step step : all) {
      if (flows.put(step.id(), flow(step)) != null) {
        throw new IllegalArgumentException("expected one step " + step.id() + ", found several");
      }
    }
    Set<String> history = new HashSet<>();
    for (Plan.Step step : plan.steps()) {
      structure.link(step.id(), flows, Set.of());
      history.add(step.id());
    }
    plan.onError().forEach(step -> structure.link(step.id(), flows, history));
    structure.verifyEnds();
    return structure;
  }

  private static Plan.Flow flow(Plan.Step step) {
    return Optional.ofNullable(step.flow()).orElse(AT_ONCE);
  }

  /**
   * @param history steps that have ended, however they did, before this one is thought of
   */
  private void link(String stepId, Map<String, Plan.Flow> flows, Set<String> history) {
    Plan.Flow flow = known(stepId, stepId, flows);
    Set<String> awaited = new LinkedHashSet<>(flow.after());
    parents(flow).forEach(awaited::add);
    awaited.forEach(other -> known(stepId, other, flows));
    Set<String> needed = new LinkedHashSet<>(flow.after());
    needed.removeAll(history);
    needed.removeAll(handled(flow, flows));
    links.put(stepId, new Links(flow, Set.copyOf(awaited), Set.copyOf(needed)));
  }

  private static List<String> parents(Plan.Flow flow) {
    List<String> parents = new ArrayList<>();
    Plan.Branch branch = flow.branch();
    if (branch != null) {
      parents.add(branch.of());
    }
    String handled = flow.onFailureOf();
    if (handled != null) {
      parents.add(handled);
    }
    return parents;
  }

  /**
   * The steps whose failure led to one with this flow, at any depth: it is there since they failed.
   */
  private static Set<String> handled(Plan.Flow flow, Map<String, Plan.Flow> flows) {
    Set<String> handled = new HashSet<>();
    Set<String> visited = new HashSet<>();
    List<Plan.Flow> above = new ArrayList<>(List.of(flow));
    while (!above.isEmpty()) {
      Plan.Flow next = above.removeLast();
      if (next.onFailureOf() != null) {
        handled.add(next.onFailureOf());
      }
      for (String parent : parents(next)) {
        if (visited.add(parent)) {
          above.add(known(parent, parent, flows));
        }
      }
    }
    return handled;
  }

  private static Plan.Flow known(String stepId, String other, Map<String, Plan.Flow> flows) {
    Plan.@Nullable Flow flow = flows.get(other);
    if (flow == null) {
      throw new IllegalArgumentException(
          "the step " + stepId + " waits for the step " + other + ", which is not there");
    }
    return flow;
  }

  private void verifyEnds() {
    Set<String> ended = new HashSet<>();
    boolean moved;
    do {
      moved = false;
      for (Map.Entry<String, Links> step : links.entrySet()) {
        moved |=
            !ended.contains(step.getKey())
                && ended.containsAll(step.getValue().awaited())
                && ended.add(step.getKey());
      }
    } while (moved);
    Set<String> never = new LinkedHashSet<>(links.keySet());
    never.removeAll(ended);
    if (!never.isEmpty()) {
      throw new IllegalArgumentException("the steps " + never + " wait for one another");
    }
  }

  /**
   * Whether nothing has to be known later: all steps begin with the run, and it is told of none.
   */
  public boolean isAtOnce() {
    return plan.onError().isEmpty()
        && plan.serial() == null
        && plan.steps().stream().allMatch(step -> isAtOnce(flow(step.id())));
  }

  private static boolean isAtOnce(Plan.Flow flow) {
    return flow.after().isEmpty()
        && flow.when() == null
        && flow.branch() == null
        && flow.onFailureOf() == null
        && flow.choose() == null
        && flow.delay() == null
        && flow.forEach() == null
        && flow.onFailure() != Plan.OnFailure.RUN
        && !flow.keepsOutput();
  }

  /** What the steps are made of. */
  public Plan plan() {
    return plan;
  }

  /** The calls of the AREA's reactions, in their order. */
  public List<Call> calls() {
    return plan.steps().stream().map(Call::of).toList();
  }

  /** The same of a run that has this cause. */
  public List<Call> calls(Cause cause) {
    return cause.withholds() ? plan.steps().stream().map(Call::ofReplay).toList() : calls();
  }

  /** How a step begins; one that says nothing begins at once. */
  public Plan.Flow flow(String stepId) {
    return links(stepId).flow();
  }

  /** The steps that have ended when a step begins, whichever they are. */
  public Set<String> known(String stepId) {
    Set<String> known = new LinkedHashSet<>();
    if (plan.onError().stream().anyMatch(step -> step.id().equals(stepId))) {
      plan.steps().forEach(step -> known.add(step.id()));
    }
    List<String> next = new ArrayList<>(awaited(stepId));
    while (!next.isEmpty()) {
      String other = next.removeLast();
      if (known.add(other)) {
        next.addAll(awaited(other));
      }
    }
    return known;
  }

  /** The steps that must have ended before a step can begin. */
  Set<String> awaited(String stepId) {
    return links(stepId).awaited();
  }

  /** The steps that must have succeeded for a step without a condition. */
  Set<String> needed(String stepId) {
    return links(stepId).needed();
  }

  /** Whether a step can never begin, whatever else comes: it is in a branch that is not taken. */
  boolean isBarred(String stepId, Function<String, StepState> states) {
    Plan.Flow flow = flow(stepId);
    Plan.Branch branch = flow.branch();
    if (branch != null
        && states.apply(branch.of()) instanceof Closed choice
        && !(choice instanceof Chosen chosen && chosen.branch() == branch.index())) {
      return true;
    }
    String handled = flow.onFailureOf();
    return handled != null && states.apply(handled) instanceof Closed end && !end.isFailure();
  }

  private Links links(String stepId) {
    Links found = links.get(stepId);
    if (found == null) {
      throw new IllegalArgumentException("expected a step of the plan, found " + stepId);
    }
    return found;
  }
}
