package dev.areaflow.expressions;

/** A compiled condition. Immutable and safe for several threads. */
public final class Condition {
  private final Expression expression;

  Condition(Expression expression) {
    this.expression = expression;
  }

  /**
   * Whether the condition holds.
   *
   * @throws EvaluationException if it has no boolean value for this event
   */
  public boolean matches(Bindings bindings) {
    Object value = expression.evaluate(bindings, new Meter());
    if (value instanceof Boolean holds) {
      return holds;
    }
    throw new EvaluationException(
        "the condition comes to " + Values.kind(value) + " for this event, not to true or false");
  }

  /** The steps that it reads. */
  public StepsRead steps() {
    return expression.reads().steps();
  }
}
