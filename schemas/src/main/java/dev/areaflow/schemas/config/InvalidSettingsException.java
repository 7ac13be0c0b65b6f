package dev.areaflow.schemas.config;

import java.util.List;

/** The settings cannot be used; the message lists every problem, each with its key and remedy. */
public final class InvalidSettingsException extends RuntimeException {
  private final transient List<String> problems;

  /**
   * @param problems a sentence each, beginning with the key
   */
  public InvalidSettingsException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** The problems, a sentence each. */
  public List<String> problems() {
    return problems;
  }
}
