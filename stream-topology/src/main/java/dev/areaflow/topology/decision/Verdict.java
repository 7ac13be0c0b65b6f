package dev.areaflow.topology.decision;

import dev.areaflow.topology.runs.Run;
import dev.areaflow.topology.runs.Subject;

/** Why an AREA did or did not fire for an event. */
public sealed interface Verdict {

  /** It fires: the run begins. */
  record Matched(Run run) implements Verdict {}

  /** Its condition does not hold. */
  record Filtered(Subject subject) implements Verdict {}

  /** It could not be decided, which is no match. */
  record Erred(Subject subject, String detail) implements Verdict {}

  /** The event was handled before. */
  record Repeated(Subject subject) implements Verdict {}
}
