package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.expressions.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How what a poll found becomes the event that a webhook would have delivered: a JSON tree in which
 * <code>${item/user}</code> stands for what was found there. Safe for several threads.
 */
final class PollPayload {
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{((item|detail|inputs|about)(/[^}]*)?)}");

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final JsonNode template;
  private final List<JsonPointer> without;

  private PollPayload(JsonNode template, List<JsonPointer> without) {
    this.template = template;
    this.without = without;
  }

  /**
   * What was found of one thing.
   *
   * @param item as the list has it
   * @param detail the answer to the request for it; null where there was none
   * @param about the answers to the poll's other requests, by their names
   */
  record Sources(JsonNode item, @Nullable JsonNode detail, JsonNode inputs, ObjectNode about) {
    private ObjectNode tree() {
      ObjectNode tree = JSON.objectNode();
      tree.set("item", item);
      tree.set("inputs", inputs);
      tree.set("about", about);
      return detail == null ? tree : tree.set("detail", detail);
    }
  }

  /** The part of a manifest's poll; without one the event is the thing itself. */
  static PollPayload of(Manifest.PollPart part) {
    String whole = part.detail() == null ? "${item}" : "${detail}";
    return new PollPayload(
        part.payload() == null ? JSON.textNode(whole) : part.payload(),
        part.without() == null
            ? List.of()
            : part.without().stream().map(JsonPointer::compile).toList());
  }

  /** The problems of which the manifest's author is the cause, by pointer; empty if none. */
  static List<Problem> lint(Manifest.PollPart part, Inputs inputs) {
    List<Problem> problems = new ArrayList<>();
    if (part.payload() != null) {
      Set<String> about = part.about() == null ? Set.of() : part.about().keySet();
      lint(part.payload(), "/payload", part.detail() != null, inputs.keys(), about, problems);
    }
    return problems;
  }

  private static void lint(
      JsonNode node,
      String at,
      boolean hasDetail,
      Set<String> inputs,
      Set<String> about,
      List<Problem> problems) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      lint(field.getValue(), at + "/" + field.getKey(), hasDetail, inputs, about, problems);
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      lint(node.get(i), at + "/" + i, hasDetail, inputs, about, problems);
    }
    if (!node.isTextual() || !node.textValue().contains("${")) {
      return;
    }
    Matcher reference = REFERENCE.matcher(node.textValue());
    if (!reference.matches()) {
      problems.add(
          new Problem(
              at,
              "expected one whole ${item/…}, ${detail/…}, ${inputs/KEY} or ${about/NAME/…}, each a"
                  + " JSON pointer"));
      return;
    }
    String source = reference.group(2);
    JsonPointer place = JsonPointer.compile("/" + reference.group(1)).tail();
    String name = place.matches() ? "" : place.getMatchingProperty();
    if (source.equals("detail") && !hasDetail) {
      problems.add(new Problem(at, "there is no detail here; add the part detail"));
    } else if (source.equals("inputs") && !inputs.contains(name)) {
      problems.add(new Problem(at, "expected one of the inputs " + inputs));
    } else if (source.equals("about") && !about.contains(name)) {
      problems.add(new Problem(at, "expected one of the requests of about, " + about));
    }
  }

  /** The event; what was not found is left out. */
  JsonNode of(Sources sources) {
    JsonNode payload = filled(template, sources.tree());
    for (JsonPointer place : without) {
      if (payload.at(place.head()) instanceof ObjectNode object) {
        object.remove(place.last().getMatchingProperty());
      }
    }
    return payload;
  }

  private static JsonNode filled(JsonNode node, ObjectNode sources) {
    Optional<JsonPointer> reference = reference(node);
    if (reference.isPresent()) {
      return sources.at(reference.get()).deepCopy();
    }
    if (node.isObject()) {
      ObjectNode object = JSON.objectNode();
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        JsonNode value = filled(field.getValue(), sources);
        if (!value.isMissingNode()) {
          object.set(field.getKey(), value);
        }
      }
      return object;
    }
    if (node.isArray()) {
      ArrayNode array = JSON.arrayNode();
      for (JsonNode each : node) {
        JsonNode value = filled(each, sources);
        if (!value.isMissingNode()) {
          array.add(value);
        }
      }
      return array;
    }
    return node;
  }

  private static Optional<JsonPointer> reference(JsonNode node) {
    Matcher reference = REFERENCE.matcher(node.isTextual() ? node.textValue() : "");
    return reference.matches()
        ? Optional.of(JsonPointer.compile("/" + reference.group(1)))
        : Optional.empty();
  }
}
