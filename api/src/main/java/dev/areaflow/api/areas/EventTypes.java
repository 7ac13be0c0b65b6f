package dev.areaflow.api.areas;

import dev.areaflow.api.areas.Checked.Listening;
import dev.areaflow.expressions.AreaExpressions;
import dev.areaflow.expressions.Expressions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the expressions of one definition know of their event: its type, where only events of one
 * action can come to them.
 */
final class EventTypes {
  private final AreaExpressions any;
  private final Map<String, AreaExpressions> byAction = new HashMap<>();
  private final boolean known;

  /**
   * @param listening the actions that were found
   */
  EventTypes(Expressions expressions, Definition definition, List<Listening> listening) {
    this.known = listening.size() == definition.actions().size();
    boolean isOne =
        known
            && listening.stream().map(each -> each.use().service()).distinct().count() == 1
            && listening.stream().map(each -> each.use().action()).distinct().count() == 1;
    this.any =
        isOne ? expressions.ofArea(listening.getFirst().action().output()) : expressions.ofArea();
    for (Listening each : listening) {
      byAction.put(each.use().id(), any.ofEvent(each.action().output()));
    }
  }

  /** Whether all actions were found: without one its expressions would be refused for nothing. */
  boolean isKnown() {
    return known;
  }

  /** Expressions over events of any action. */
  AreaExpressions any() {
    return any;
  }

  /**
   * Expressions over events of one action.
   *
   * @param action its id; null for any
   */
  AreaExpressions of(@Nullable String action) {
    return action == null ? any : byAction.getOrDefault(action, any);
  }
}
