package dev.areaflow.launcher.definitions;

import java.util.List;

/** Files cannot be used; the message has a line for each problem, with its file and line. */
public final class InvalidDefinitionsException extends RuntimeException {
  public InvalidDefinitionsException(List<String> problems) {
    super(String.join("\n", problems));
  }
}
