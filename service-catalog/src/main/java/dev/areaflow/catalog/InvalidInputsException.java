package dev.areaflow.catalog;

import dev.areaflow.expressions.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** Rendered inputs cannot be made into a request; trying again cannot help. */
public final class InvalidInputsException extends RuntimeException {
  private final transient List<Problem> problems;

  /**
   * @param problems at least one, each with its pointer within the inputs
   */
  public InvalidInputsException(List<Problem> problems) {
    super(
        problems.stream()
            .map(problem -> "inputs" + problem.pointer() + ": " + problem.detail())
            .collect(Collectors.joining("; ")));
    this.problems = List.copyOf(problems);
  }

  /** Every problem, its pointer within the inputs. */
  public List<Problem> problems() {
    return problems;
  }
}
