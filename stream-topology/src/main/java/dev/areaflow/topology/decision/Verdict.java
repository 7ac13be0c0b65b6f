package dev.areaflow.topology.decision;

import dev.areaflow.topology.rules.Arrival;
import dev.areaflow.topology.rules.RuleKey;
import dev.areaflow.topology.runs.Run;
import dev.areaflow.topology.runs.Subject;
import org.jspecify.annotations.Nullable;

/** Why an AREA did or did not fire for an event. */
public sealed interface Verdict {

  /** Whether the event means something to the AREA, now or later. */
  default boolean isMatch() {
    return false;
  }

  /**
   * It fires: the run begins.
   *
   * @param run begun, or, where its steps do not all begin at once, about to be
   * @param origin what such a run comes from; null of one that has begun
   */
  record Matched(Run run, @Nullable Origin origin) implements Verdict {
    @Override
    public boolean isMatch() {
      return true;
    }
  }

  /** Its condition holds, and its rule decides what becomes of it. */
  record Admitted(Definition definition, RuleKey key, Arrival arrival) implements Verdict {
    @Override
    public boolean isMatch() {
      return true;
    }
  }

  /** Its condition does not hold. */
  record Filtered(Subject subject) implements Verdict {}

  /** It could not be decided, which is no match. */
  record Erred(Subject subject, String detail) implements Verdict {}

  /** The event was handled before. */
  record Repeated(Subject subject) implements Verdict {}
}
