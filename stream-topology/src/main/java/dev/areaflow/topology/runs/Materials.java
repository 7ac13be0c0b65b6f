package dev.areaflow.topology.runs;

import org.jspecify.annotations.Nullable;

/**
 * What is kept of a run beside its row: outputs of steps, items of lists. Each is written once and
 * goes with the run.
 */
@FunctionalInterface
public interface Materials {
  /** None. */
  Materials NONE = part -> null;

  /** What is kept under a name; null where nothing is. */
  byte @Nullable [] find(String part);

  /** The name of a step's output. */
  static String output(String stepId) {
    return "o\0" + stepId;
  }

  /** The name of the output of a step's item. */
  static String output(String stepId, int item) {
    return "o\0" + stepId + '\0' + item;
  }

  /** The name of an item of the list that a step is repeated for. */
  static String item(String stepId, int item) {
    return "i\0" + stepId + '\0' + item;
  }
}
