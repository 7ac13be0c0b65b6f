package dev.areaflow.expressions;

import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The variables that an expression sees beside {@code event} and {@code meta}, which depend on the
 * place where it stands.
 *
 * @param collected whether it sees what a rule collected
 * @param items whether it sees an item of a list
 * @param errors whether it sees what made a run fail
 * @param steps ids of the steps that it sees; null where it sees none
 */
record Scope(
    boolean collected, boolean items, boolean errors, @Nullable ImmutableSet<String> steps) {
  static final Scope EVENT = new Scope(false, false, false, null);

  /** Which variables there are, without the ids. */
  Variables variables() {
    return new Variables(collected, items, errors, steps != null);
  }

  /** Variables beside {@code event} and {@code meta}. */
  record Variables(boolean collected, boolean items, boolean errors, boolean steps) {
    /** All, by name. */
    List<String> names() {
      List<String> names = new ArrayList<>(List.of(Language.EVENT, Language.META));
      if (collected) {
        names.add(Language.EVENTS);
        names.add(Language.CHANGE);
      }
      if (steps) {
        names.add(Language.STEPS);
      }
      if (items) {
        names.add(Language.ITEM);
        names.add(Language.INDEX);
      }
      if (errors) {
        names.add(Language.ERROR);
      }
      return names;
    }
  }

  Scope withCollected() {
    return new Scope(true, items, errors, steps);
  }

  Scope withItems() {
    return new Scope(collected, true, errors, steps);
  }

  Scope withErrors() {
    return new Scope(collected, items, true, steps);
  }

  Scope withSteps(ImmutableSet<String> ids) {
    return new Scope(collected, items, errors, ids);
  }
}
