package dev.areaflow.topology.runs;

import dev.areaflow.expressions.Failure;
import dev.areaflow.expressions.StepResult;
import java.util.Map;
import java.util.Optional;

/**
 * What expressions see of a run.
 *
 * @param steps those that have ended, by their ids
 * @param error the failure that is told of
 */
public record Seen(Map<String, StepResult> steps, Optional<Failure> error) {
  public Seen {
    steps = Map.copyOf(steps);
  }
}
