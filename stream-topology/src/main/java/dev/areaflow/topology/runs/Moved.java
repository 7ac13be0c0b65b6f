package dev.areaflow.topology.runs;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * A run after a transition, and what came with it.
 *
 * @param run as it is now
 * @param inputs of the commands that are issued, by their ids, where the run's steps do not have
 *     them
 * @param kept what is to be kept beside the run, by the names of {@link Materials}
 */
public record Moved(Run run, Map<String, ByteBuffer> inputs, Map<String, byte[]> kept) {
  /** A run that needs nothing more. */
  public static Moved of(Run run) {
    return new Moved(run, Map.of(), Map.of());
  }

  /** A run that needs nothing more but what is kept beside it. */
  public static Moved of(Run run, Map<String, byte[]> kept) {
    return new Moved(run, Map.of(), kept);
  }

  /** This and what came with the next transition. */
  public Moved then(Moved next) {
    Map<String, ByteBuffer> allInputs = new HashMap<>(inputs);
    allInputs.putAll(next.inputs);
    Map<String, byte[]> allKept = new HashMap<>(kept);
    allKept.putAll(next.kept);
    return new Moved(next.run, allInputs, allKept);
  }
}
