package dev.areaflow.catalog;

import java.util.List;

/** A manifest cannot be used; the message has a line for each problem, with its file and line. */
public final class InvalidManifestException extends RuntimeException {
  InvalidManifestException(List<String> problems) {
    super(String.join("\n", problems));
  }
}
