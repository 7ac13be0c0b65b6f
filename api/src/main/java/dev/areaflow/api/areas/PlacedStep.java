package dev.areaflow.api.areas;

import dev.areaflow.api.areas.StepUse.ChoiceUse;
import dev.areaflow.api.areas.StepUse.ReactionUse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reaction or choice, and what it stands in.
 *
 * @param container null where it stands in the AREA's own list
 * @param ofErrors whether it stands in onError
 */
record PlacedStep(StepUse use, @Nullable Container container, boolean ofErrors) {

  /** What a step stands in; it begins no earlier than that allows. */
  sealed interface Container {
    /** The step whose end comes before. */
    String id();

    /** A branch of a choice. */
    record InBranch(String id, int index) implements Container {}

    /** What is done when a step failed. */
    record OnFailureOf(String id) implements Container {}
  }

  String id() {
    return use.id();
  }

  /** All steps of a definition, in their order; those within others behind them. */
  static List<PlacedStep> all(Definition definition) {
    List<PlacedStep> all = new ArrayList<>();
    add(definition.reactions(), null, false, all);
    add(definition.onError(), null, true, all);
    return all;
  }

  private static void add(
      List<StepUse> uses, @Nullable Container container, boolean ofErrors, List<PlacedStep> all) {
    for (StepUse use : uses) {
      all.add(new PlacedStep(use, container, ofErrors));
      switch (use) {
        case ReactionUse reaction ->
            add(reaction.handling().handlers(), new Container.OnFailureOf(use.id()), ofErrors, all);
        case ChoiceUse choice -> {
          for (int i = 0; i < choice.branches().size(); i++) {
            add(
                choice.branches().get(i).reactions(),
                new Container.InBranch(use.id(), i),
                ofErrors,
                all);
          }
        }
      }
    }
  }
}
