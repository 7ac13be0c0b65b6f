package dev.areaflow.topology.runs;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an AREA says about the steps of one run, over the events that caused it. Functions of their
 * arguments alone; each throws a {@code dev.areaflow.expressions.EvaluationException} whose words
 * are for the AREA's owner where an expression has no value.
 */
public interface Script {
  /** Which steps wait for which, in the AREA as it was when the run began. */
  Structure structure();

  /** Whether the condition of a step that has one holds. */
  boolean holds(String stepId, Seen seen);

  /** The first branch of a choice whose condition holds; -1 if none does. */
  int choose(String stepId, Seen seen);

  /** Until when a step waits that waits for a time. */
  Instant until(String stepId, Seen seen);

  /** The items that a step is repeated for, each as UTF-8 JSON. */
  List<byte[]> items(String stepId, Seen seen);

  /**
   * The inputs of a call as UTF-8 JSON.
   *
   * @param item null where the step is not repeated
   */
  byte[] inputs(String stepId, Seen seen, @Nullable ListItem item);

  /**
   * An item of a list.
   *
   * @param index from 0
   * @param value UTF-8 JSON
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through uncopied, nobody compares it
  record ListItem(int index, byte[] value) {}
}
