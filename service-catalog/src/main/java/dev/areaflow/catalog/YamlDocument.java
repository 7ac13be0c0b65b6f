package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A YAML file as JSON that remembers the line of everything, which Jackson's YAML reader does not.
 * Aliases stand for what they refer to.
 */
final class YamlDocument {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final String file;
  private final Map<String, Integer> lines = new HashMap<>();
  private final JsonNode root;

  private YamlDocument(String file, Node root) {
    this.file = file;
    this.root = json("", root);
  }

  /**
   * Reads a file.
   *
   * @throws InvalidManifestException if it is no YAML
   */
  static YamlDocument parse(String file, String text) {
    try {
      Node root =
          new Yaml(new SafeConstructor(new LoaderOptions())).compose(new StringReader(text));
      if (root == null) {
        throw new InvalidManifestException(List.of(file + ":1: is empty"));
      }
      return new YamlDocument(file, root);
    } catch (MarkedYAMLException e) {
      throw new InvalidManifestException(
          List.of(file + ":" + (e.getProblemMark().getLine() + 1) + ": " + e.getProblem()));
    }
  }

  JsonNode root() {
    return root;
  }

  /** A problem of the value at a JSON pointer, with file and line. */
  String problem(String pointer, String detail) {
    String known = pointer;
    while (!lines.containsKey(known)) {
      known = known.substring(0, known.lastIndexOf('/'));
    }
    return file + ":" + lines.get(known) + ": " + (pointer.isEmpty() ? "" : pointer + " ") + detail;
  }

  private JsonNode json(String pointer, Node node) {
    lines.put(pointer, node.getStartMark().getLine() + 1);
    return switch (node) {
      case MappingNode mapping -> object(pointer, mapping);
      case SequenceNode sequence -> {
        ArrayNode array = JSON.arrayNode();
        for (Node item : sequence.getValue()) {
          array.add(json(pointer + "/" + array.size(), item));
        }
        yield array;
      }
      case ScalarNode scalar -> scalar(scalar);
      default -> throw new IllegalStateException("YAML has no other kinds of nodes: " + node);
    };
  }

  private ObjectNode object(String pointer, MappingNode mapping) {
    ObjectNode object = JSON.objectNode();
    for (NodeTuple field : mapping.getValue()) {
      String name = ((ScalarNode) field.getKeyNode()).getValue();
      String child = pointer + "/" + name.replace("~", "~0").replace("/", "~1");
      if (object.has(name)) {
        throw new InvalidManifestException(
            List.of(
                file
                    + ":"
                    + (field.getKeyNode().getStartMark().getLine() + 1)
                    + ": "
                    + child
                    + " is given twice"));
      }
      object.set(name, json(child, field.getValueNode()));
      lines.put(child, field.getKeyNode().getStartMark().getLine() + 1);
    }
    return object;
  }

  private static JsonNode scalar(ScalarNode scalar) {
    String text = scalar.getValue();
    Tag tag = scalar.getTag();
    if (tag.equals(Tag.NULL)) {
      return JSON.nullNode();
    }
    if (tag.equals(Tag.BOOL)) {
      return JSON.booleanNode(Boolean.parseBoolean(text));
    }
    if (tag.equals(Tag.INT) && text.matches("-?\\d{1,18}")) {
      return JSON.numberNode(Long.parseLong(text));
    }
    if (tag.equals(Tag.FLOAT) && text.matches("-?\\d+\\.\\d+")) {
      return JSON.numberNode(new BigDecimal(text));
    }
    return JSON.textNode(text);
  }
}
