package dev.areaflow.launcher.definitions;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.yaml.YamlDocument;

/** Definitions as tests write them. */
final class Definitions {
  private Definitions() {}

  /** YAML, whose flow style is JSON. */
  static ObjectNode of(String yaml) {
    return (ObjectNode) YamlDocument.parse("test.yaml", yaml).root();
  }

  static WrittenArea written(String yaml) {
    YamlDocument document = YamlDocument.parse("test.yaml", yaml);
    ObjectNode root = (ObjectNode) document.root();
    return new WrittenArea(root.path("name").asText(), NormalForm.of(root), document);
  }
}
