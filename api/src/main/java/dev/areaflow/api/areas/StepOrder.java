package dev.areaflow.api.areas;

import dev.areaflow.api.areas.PlacedStep.Container;
import dev.areaflow.api.http.Violations;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which steps of an AREA wait for which, and what is wrong with that: steps that wait for one
 * another, and steps that can never begin. To be used once.
 */
final class StepOrder {
  /** By id; of two with one id, which is noted elsewhere, the first. */
  private final Map<String, PlacedStep> steps = new LinkedHashMap<>();

  /** Ids of the steps whose status or output a step reads, by its id. */
  private final Map<String, Set<String>> reads;

  /** By id of those that were asked for. */
  private final Map<String, Set<Need>> needs = new HashMap<>();

  private final Violations violations;

  StepOrder(Collection<PlacedStep> all, Map<String, Set<String>> reads, Violations violations) {
    all.forEach(step -> steps.putIfAbsent(step.id(), step));
    this.reads = reads;
    this.violations = violations;
  }

  /**
   * The steps whose end a step waits for, beside what it stands in; in the AREA's order. What
   * onError reads of the run has ended before.
   */
  List<String> after(PlacedStep step) {
    Set<String> read = reads.getOrDefault(step.id(), Set.of());
    Set<String> around = around(step);
    return steps.values().stream()
        .filter(other -> read.contains(other.id()) && !around.contains(other.id()))
        .filter(other -> other.ofErrors() == step.ofErrors())
        .map(PlacedStep::id)
        .toList();
  }

  private Set<String> around(PlacedStep step) {
    Set<String> around = new HashSet<>();
    @Nullable PlacedStep at = step;
    while (at != null && at.container() != null && around.add(at.container().id())) {
      at = steps.get(at.container().id());
    }
    return around;
  }

  /** Notes what can never be. */
  void check() {
    if (!checkCycles()) {
      steps.values().forEach(this::checkBegins);
    }
  }

  /**
   * A step that is never there when another reads it, and why; empty where it may be.
   *
   * @param read by the step
   */
  Optional<String> objection(PlacedStep step, String read) {
    PlacedStep other = steps.get(read);
    if (other == null) {
      return Optional.empty();
    }
    if (other.ofErrors() && !step.ofErrors()) {
      return Optional.of("is done only after the run failed, when this cannot begin any more");
    }
    Map<String, Integer> branches = branches(step);
    return branches(other).entrySet().stream()
        .filter(
            branch ->
                !branches
                    .getOrDefault(branch.getKey(), branch.getValue())
                    .equals(branch.getValue()))
        .findFirst()
        .map(
            branch ->
                "is in another branch of " + branch.getKey() + ", of which only one is taken");
  }

  /** The branches that a step stands in, by the choice. */
  private Map<String, Integer> branches(PlacedStep step) {
    Map<String, Integer> branches = new HashMap<>();
    @Nullable PlacedStep at = step;
    while (at != null && at.container() != null) {
      if (at.container() instanceof Container.InBranch(String choice, int index)
          && branches.putIfAbsent(choice, index) != null) {
        return branches;
      }
      at = steps.get(at.container().id());
    }
    return branches;
  }

  private boolean checkCycles() {
    Set<String> done = new HashSet<>();
    Set<String> told = new HashSet<>();
    steps.values().forEach(step -> visit(step, new ArrayList<>(), done, told));
    return !told.isEmpty();
  }

  private void visit(
      @Nullable PlacedStep step, List<String> path, Set<String> done, Set<String> told) {
    if (step == null || done.contains(step.id())) {
      return;
    }
    if (path.contains(step.id())) {
      tellCycle(step, path, told);
      return;
    }
    path.add(step.id());
    Set<String> before = new LinkedHashSet<>();
    if (step.container() != null) {
      before.add(step.container().id());
    }
    before.addAll(reads.getOrDefault(step.id(), Set.of()));
    before.forEach(id -> visit(steps.get(id), path, done, told));
    path.removeLast();
    done.add(step.id());
  }

  private void tellCycle(PlacedStep step, List<String> path, Set<String> told) {
    List<String> cycle = new ArrayList<>(path.subList(path.indexOf(step.id()), path.size()));
    if (told.addAll(cycle)) {
      cycle.add(step.id());
      violations.add(
          step.use().pointer(),
          "It waits for itself: "
              + String.join(" waits for ", cycle)
              + ". A step can use only what ends before it.");
    }
  }

  /** Something that must be so for a step to begin. */
  private record Need(String step, String state) {}

  private void checkBegins(PlacedStep step) {
    Map<String, Need> states = new HashMap<>();
    for (Need need : needs(step)) {
      Need other = states.putIfAbsent(need.step(), need);
      if (other != null && !other.equals(need)) {
        violations.add(
            step.use().pointer(),
            "It can never begin: without \"when\" it waits until "
                + other.state()
                + ", and until "
                + need.state()
                + ". Give it a \"when\", which decides alone.");
        return;
      }
    }
  }

  private Set<Need> needs(String id) {
    PlacedStep step = steps.get(id);
    return step == null ? Set.of() : needs(step);
  }

  private Set<Need> needs(PlacedStep step) {
    Set<Need> known = needs.get(step.id());
    if (known == null) {
      known = needsOf(step);
      needs.put(step.id(), known);
    }
    return known;
  }

  private Set<Need> needsOf(PlacedStep step) {
    Set<Need> needs = new LinkedHashSet<>();
    switch (step.container()) {
      case Container.InBranch(String choice, int index) -> {
        needs.add(new Need(choice, "branch " + index + " of " + choice + " is taken"));
        needs.addAll(needs(choice));
      }
      case Container.OnFailureOf(String failed) -> {
        needs.add(new Need(failed, failed + " failed"));
        needs.addAll(needs(failed));
      }
      case null -> {}
    }
    if (step.use().when() == null) {
      for (String id : after(step)) {
        needs.addAll(needs(id));
        if (!isChoice(id)) {
          needs.add(new Need(id, id + " succeeded"));
        }
      }
    }
    return needs;
  }

  /** What a choice needs is a branch, and that it succeeds is certain. */
  private boolean isChoice(String id) {
    PlacedStep step = steps.get(id);
    return step != null && step.use() instanceof StepUse.ChoiceUse;
  }
}
