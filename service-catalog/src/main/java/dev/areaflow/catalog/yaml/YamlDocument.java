package dev.areaflow.catalog.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * A YAML file as JSON that remembers the line of everything, which Jackson's YAML reader does not.
 * Aliases stand for what they refer to.
 */
public final class YamlDocument {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Aliases of aliases could make a small file endless. */
  private static final int MOST_VALUES = 20_000;

  private final String file;
  private final Map<String, Integer> lines = new HashMap<>();

  /** The nodes from the root to the one that is being read, by identity. */
  private final Set<Node> above = Collections.newSetFromMap(new IdentityHashMap<>());

  private final JsonNode root;

  private YamlDocument(String file, Node root) {
    this.file = file;
    this.root = json("", root);
  }

  /**
   * Reads a file that is one document.
   *
   * @param file its name, for what is said of it
   * @throws UnreadableYamlException if it is no YAML, or YAML that JSON has nothing like
   */
  public static YamlDocument parse(String file, String text) {
    return reading(
        file,
        text,
        yaml -> {
          @Nullable Node root = yaml.compose(new StringReader(text));
          if (root == null) {
            throw new UnreadableYamlException(file + ":1: is empty");
          }
          return new YamlDocument(file, root);
        });
  }

  /**
   * Reads a file of any number of documents; empty ones are left out.
   *
   * @throws UnreadableYamlException as {@link #parse}
   */
  public static List<YamlDocument> parseAll(String file, String text) {
    return reading(
        file,
        text,
        yaml -> {
          List<YamlDocument> documents = new ArrayList<>();
          for (Node root : yaml.composeAll(new StringReader(text))) {
            if (!root.getTag().equals(Tag.NULL)) {
              documents.add(new YamlDocument(file, root));
            }
          }
          return List.copyOf(documents);
        });
  }

  private static <T> T reading(String file, String text, Function<Yaml, T> reader) {
    try {
      LoaderOptions options = new LoaderOptions();
      options.setMaxAliasesForCollections(MOST_VALUES); // what they become is counted here
      return reader.apply(new Yaml(new SafeConstructor(options)));
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
      throw new UnreadableYamlException(
          file + ":" + (mark == null ? 1 : mark.getLine() + 1) + ": " + e.getProblem());
    } catch (ReaderException e) {
      long line = 1 + text.substring(0, e.getPosition()).chars().filter(c -> c == '\n').count();
      throw new UnreadableYamlException(
          file
              + ":"
              + line
              + ": expected text, found the control character "
              + String.format(Locale.ROOT, "U+%04X", e.getCodePoint()));
    } catch (YAMLException e) {
      throw new UnreadableYamlException(file + ":1: " + e.getMessage());
    }
  }

  /** The whole document. */
  public JsonNode root() {
    return root;
  }

  /** A problem of the value at a JSON pointer, with file and line. */
  public String problem(String pointer, String detail) {
    String known = pointer;
    while (!lines.containsKey(known)) {
      known = known.substring(0, known.lastIndexOf('/'));
    }
    return file + ":" + lines.get(known) + ": " + (pointer.isEmpty() ? "" : pointer + " ") + detail;
  }

  private JsonNode json(String pointer, Node node) {
    lines.put(pointer, line(node));
    if (!above.add(node)) {
      throw problem(node, pointer, "refers to what it is a part of");
    }
    if (lines.size() > MOST_VALUES) {
      throw problem(node, pointer, "is one of more than " + MOST_VALUES + " values");
    }
    JsonNode json =
        switch (node) {
          case MappingNode mapping -> object(pointer, mapping);
          case SequenceNode sequence -> {
            ArrayNode array = JSON.arrayNode();
            for (Node item : sequence.getValue()) {
              array.add(json(pointer + "/" + array.size(), item));
            }
            yield array;
          }
          case ScalarNode scalar -> scalar(pointer, scalar);
          default -> throw new IllegalStateException("YAML has no other kinds of nodes: " + node);
        };
    above.remove(node);
    return json;
  }

  private ObjectNode object(String pointer, MappingNode mapping) {
    ObjectNode object = JSON.objectNode();
    for (NodeTuple field : mapping.getValue()) {
      Node key = field.getKeyNode();
      if (!(key instanceof ScalarNode scalar)) {
        throw problem(key, pointer, "has a key that is no text");
      }
      String name = scalar.getValue();
      String child = pointer + "/" + name.replace("~", "~0").replace("/", "~1");
      if (key.getTag().equals(Tag.MERGE)) {
        throw problem(key, child, "is not supported; write the fields out, or use an alias");
      }
      if (object.has(name)) {
        throw problem(key, child, "is given twice");
      }
      object.set(name, json(child, field.getValueNode()));
      lines.put(child, line(key));
    }
    return object;
  }

  private JsonNode scalar(String pointer, ScalarNode scalar) {
    String text = scalar.getValue();
    Tag tag = scalar.getTag();
    if (tag.equals(Tag.NULL)) {
      return JSON.nullNode();
    }
    if (tag.equals(Tag.BOOL)) {
      return switch (text) {
        case "true" -> JSON.booleanNode(true);
        case "false" -> JSON.booleanNode(false);
        default ->
            throw problem(
                scalar, pointer, "expected true or false, or a text in quotes, found " + text);
      };
    }
    if (tag.equals(Tag.INT) && text.matches("-?\\d{1,18}")) {
      return JSON.numberNode(Long.parseLong(text));
    }
    if (tag.equals(Tag.INT) && text.matches("-?\\d+")) {
      return JSON.numberNode(new BigInteger(text));
    }
    if (tag.equals(Tag.FLOAT) && text.matches("-?\\d+(\\.\\d+)?([eE][-+]?\\d{1,9})?")) {
      return JSON.numberNode(new BigDecimal(text));
    }
    return JSON.textNode(text);
  }

  private UnreadableYamlException problem(Node node, String pointer, String detail) {
    return new UnreadableYamlException(
        file + ":" + line(node) + ": " + (pointer.isEmpty() ? "" : pointer + " ") + detail);
  }

  private static int line(Node node) {
    return node.getStartMark().getLine() + 1;
  }
}
