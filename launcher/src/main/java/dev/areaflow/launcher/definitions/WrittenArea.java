package dev.areaflow.launcher.definitions;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.yaml.YamlDocument;

/**
 * An AREA in a file.
 *
 * @param name by which it is known, in the file as on the server
 * @param definition in {@link NormalForm}
 * @param document where it is written
 */
public record WrittenArea(String name, ObjectNode definition, YamlDocument document) {

  /**
   * A problem of it, with file and line.
   *
   * @param pointer JSON pointer into the definition
   */
  public String problem(String pointer, String detail) {
    return document.problem(pointer, detail);
  }
}
