package dev.areaflow.expressions;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.areaflow.expressions.TemplateNode.Piece;
import dev.areaflow.expressions.TemplateText.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Compiles one tree, and collects what is wrong with it. To be used once. */
final class TemplateCompiler {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_NODES = 10_000;

  private static final TemplateNode NOTHING = new TemplateNode.Constant(NullNode.instance, 0);

  private final Function<String, Expression> language;
  private final AreaExpressions.Budget budget;
  private final Set<String> urlInputs;
  private final List<Problem> problems = new ArrayList<>();
  private final List<StepsRead> steps = new ArrayList<>();
  private boolean exceeded;
  private int nodes;

  TemplateCompiler(
      Function<String, Expression> language, AreaExpressions.Budget budget, Set<String> urlInputs) {
    this.language = language;
    this.budget = budget;
    this.urlInputs = urlInputs;
  }

  /**
   * The template of a tree.
   *
   * @throws InvalidExpressionException with everything that is wrong
   */
  Template compile(JsonNode tree) {
    TemplateNode node = node(tree, JsonPointer.empty(), 0);
    if (!problems.isEmpty()) {
      throw new InvalidExpressionException(problems);
    }
    return new Template(node, StepsRead.of(steps));
  }

  private TemplateNode node(JsonNode tree, JsonPointer place, int depth) {
    nodes++;
    if (nodes == MAX_NODES + 1) {
      problem(place, "the tree has more than " + MAX_NODES + " values");
    }
    if (nodes > MAX_NODES) {
      return NOTHING;
    }
    if (depth > MAX_DEPTH) {
      problem(place, "the tree is nested deeper than " + MAX_DEPTH + " levels");
      return NOTHING;
    }
    return switch (tree.getNodeType()) {
      case OBJECT -> object(tree, place, depth);
      case ARRAY -> array(tree, place, depth);
      case STRING -> text(tree, place);
      case NUMBER, BOOLEAN, NULL, MISSING, BINARY, POJO -> constant(tree);
    };
  }

  private TemplateNode object(JsonNode tree, JsonPointer place, int depth) {
    Map<String, TemplateNode> fields = new LinkedHashMap<>();
    boolean constant = true;
    int size = 2;
    for (Map.Entry<String, JsonNode> field : tree.properties()) {
      JsonPointer below = place.appendProperty(field.getKey());
      TemplateNode node =
          depth == 0 && urlInputs.contains(field.getKey())
              ? url(field.getValue(), below)
              : node(field.getValue(), below, depth + 1);
      constant = constant && node instanceof TemplateNode.Constant;
      size += field.getKey().length() + sizeOf(node);
      fields.put(field.getKey(), node);
    }
    return constant
        ? new TemplateNode.Constant(literal(fields), size)
        : new TemplateNode.Fields(fields);
  }

  private TemplateNode array(JsonNode tree, JsonPointer place, int depth) {
    List<TemplateNode> elements = new ArrayList<>();
    boolean constant = true;
    int size = 2;
    for (int i = 0; i < tree.size(); i++) {
      TemplateNode node = node(tree.get(i), place.appendIndex(i), depth + 1);
      constant = constant && node instanceof TemplateNode.Constant;
      size += sizeOf(node);
      elements.add(node);
    }
    return constant
        ? new TemplateNode.Constant(literal(elements), size)
        : new TemplateNode.Elements(elements);
  }

  private static JsonNode literal(Map<String, TemplateNode> fields) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    fields.forEach((name, node) -> object.set(name, tree(node)));
    return object;
  }

  private static JsonNode literal(List<TemplateNode> elements) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    elements.forEach(node -> array.add(tree(node)));
    return array;
  }

  private static JsonNode tree(TemplateNode constant) {
    return ((TemplateNode.Constant) constant).tree();
  }

  private static int sizeOf(TemplateNode node) {
    return node instanceof TemplateNode.Constant(JsonNode _, int size) ? size : 0;
  }

  private TemplateNode text(JsonNode tree, JsonPointer place) {
    List<Piece> pieces = pieces(tree.textValue(), place);
    if (pieces.size() == 1 && pieces.getFirst() instanceof Piece.Value(Expression expression)) {
      return new TemplateNode.Value(expression);
    }
    if (pieces.size() == 1 && pieces.getFirst() instanceof Piece.Literal(String text)) {
      return constant(TextNode.valueOf(text));
    }
    return pieces.isEmpty() ? constant(tree) : new TemplateNode.Text(pieces);
  }

  private TemplateNode url(JsonNode tree, JsonPointer place) {
    if (!tree.isTextual()) {
      return node(tree, place, 1);
    }
    nodes++;
    int before = problems.size();
    List<Piece> pieces = pieces(tree.textValue(), place);
    if (problems.size() > before) {
      return NOTHING;
    }
    try {
      return new TemplateNode.Url(UrlTemplate.of(pieces));
    } catch (InvalidExpressionException e) {
      e.problems().forEach(problem -> problem(place, problem.detail()));
      return NOTHING;
    }
  }

  private List<Piece> pieces(String text, JsonPointer place) {
    List<Part> parts;
    try {
      parts = TemplateText.split(text);
    } catch (InvalidExpressionException e) {
      e.problems().forEach(problem -> problem(place, problem.detail()));
      return List.of();
    }
    List<Piece> pieces = new ArrayList<>();
    for (Part part : parts) {
      switch (part) {
        case Part.Literal literal -> pieces.add(new Piece.Literal(literal.text()));
        case Part.Source source -> expression(source.cel(), place, pieces);
      }
    }
    return pieces;
  }

  private void expression(String cel, JsonPointer place, List<Piece> pieces) {
    if (!budget.take()) {
      if (!exceeded) {
        problem(place, AreaExpressions.Budget.EXCEEDED);
      }
      exceeded = true;
      return;
    }
    try {
      Expression expression = language.apply(cel);
      steps.add(expression.reads().steps());
      pieces.add(new Piece.Value(expression));
    } catch (InvalidExpressionException e) {
      e.problems()
          .forEach(
              problem -> problem(place, "${" + Messages.excerpt(cel) + "}: " + problem.detail()));
    }
  }

  private void problem(JsonPointer place, String detail) {
    problems.add(new Problem(place.toString(), detail));
  }

  private static TemplateNode constant(JsonNode leaf) {
    return new TemplateNode.Constant(leaf, 2 + (leaf.isTextual() ? leaf.textValue().length() : 0));
  }
}
