package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;

/** A compiled expression of which the value is wanted. Immutable and safe for several threads. */
public final class ValueExpression {
  private final Expression expression;

  ValueExpression(Expression expression) {
    this.expression = expression;
  }

  /**
   * Its value as JSON.
   *
   * @throws EvaluationException if it has none for this event, or one that JSON cannot hold
   */
  public JsonNode evaluate(Bindings bindings) {
    return new Values().json(expression.evaluate(bindings, new Meter()));
  }

  /** The steps that it reads. */
  public StepsRead steps() {
    return expression.reads().steps();
  }
}
