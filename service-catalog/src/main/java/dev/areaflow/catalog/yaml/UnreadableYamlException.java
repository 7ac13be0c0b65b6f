package dev.areaflow.catalog.yaml;

/** A file is no YAML, or YAML that JSON has nothing like; the message has the file and the line. */
public final class UnreadableYamlException extends RuntimeException {
  UnreadableYamlException(String problem) {
    super(problem);
  }
}
