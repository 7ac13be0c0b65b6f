package dev.areaflow.expressions;

import java.util.List;
import java.util.stream.Collectors;

/** A condition or template that cannot be saved; it lists everything that is wrong with it. */
public final class InvalidExpressionException extends RuntimeException {
  private final transient List<Problem> problems;

  InvalidExpressionException(List<Problem> problems) {
    super(
        problems.stream()
            .map(p -> p.pointer().isEmpty() ? p.detail() : p.pointer() + ": " + p.detail())
            .collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** What is wrong, in the order of the text; never empty. */
  public List<Problem> problems() {
    return problems;
  }
}
