package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A compiled condition over an item and inputs. Immutable and safe for several threads. */
public final class ItemCondition {
  private final Condition condition;

  ItemCondition(Condition condition) {
    this.condition = condition;
  }

  /**
   * Whether the condition holds.
   *
   * @throws EvaluationException if it has no boolean value for this item
   */
  public boolean matches(JsonNode item, JsonNode inputs) {
    ObjectNode variables = JsonNodeFactory.instance.objectNode();
    variables.set("item", item);
    variables.set("inputs", inputs);
    return condition.matches(Bindings.ofItem(variables));
  }
}
