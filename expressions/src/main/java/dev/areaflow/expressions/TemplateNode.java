package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;

/** One place of a template's tree. */
sealed interface TemplateNode {

  /** One rendering: what it reads, and what it may still cost. */
  record Rendering(Bindings bindings, Meter meter, Values values) {
    Object value(Expression expression) {
      try {
        return expression.evaluate(bindings, meter);
      } catch (EvaluationException e) {
        throw new EvaluationException(
            "${" + Messages.excerpt(expression.source()) + "}: " + e.getMessage(), e);
      }
    }
  }

  /** A part of a text. */
  sealed interface Piece {
    /** Text as it stands. */
    record Literal(String text) implements Piece {}

    /** The value of an expression. */
    record Value(Expression expression) implements Piece {}
  }

  /** What stands here for an event. */
  JsonNode render(Rendering rendering);

  /** A tree without expressions. */
  record Constant(JsonNode tree, int size) implements TemplateNode {
    @Override
    public JsonNode render(Rendering rendering) {
      rendering.values().charge(size);
      return tree.deepCopy();
    }
  }

  /** A text that is one expression: its value with its type. */
  record Value(Expression expression) implements TemplateNode {
    @Override
    public JsonNode render(Rendering rendering) {
      return rendering.values().json(rendering.value(expression));
    }
  }

  /** A text with expressions in it. */
  record Text(List<Piece> pieces) implements TemplateNode {
    @Override
    public JsonNode render(Rendering rendering) {
      StringBuilder text = new StringBuilder();
      for (Piece piece : pieces) {
        switch (piece) {
          case Piece.Literal literal -> {
            rendering.values().charge(literal.text().length());
            text.append(literal.text());
          }
          case Piece.Value value ->
              text.append(rendering.values().text(rendering.value(value.expression())));
        }
      }
      return TextNode.valueOf(text.toString());
    }
  }

  /** A URL with expressions in it. */
  record Url(UrlTemplate template) implements TemplateNode {
    @Override
    public JsonNode render(Rendering rendering) {
      return TextNode.valueOf(template.render(rendering));
    }
  }

  /** An object; its keys are literal. */
  record Fields(Map<String, TemplateNode> fields) implements TemplateNode {
    @Override
    public JsonNode render(Rendering rendering) {
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      fields.forEach(
          (name, node) -> {
            rendering.values().charge(name.length());
            object.set(name, node.render(rendering));
          });
      return object;
    }
  }

  /** An array. */
  record Elements(List<TemplateNode> elements) implements TemplateNode {
    @Override
    public JsonNode render(Rendering rendering) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      elements.forEach(node -> array.add(node.render(rendering)));
      return array;
    }
  }
}
