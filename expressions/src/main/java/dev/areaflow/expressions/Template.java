package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A compiled JSON tree with expressions in its texts. Immutable and safe for several threads.
 *
 * <p>A text that is one <code>${…}</code> becomes the expression's value with its JSON type; within
 * a longer text values stand as JSON does (texts without quotes, timestamps as RFC 3339).
 */
public final class Template {
  private final TemplateNode root;
  private final StepsRead steps;

  Template(TemplateNode root, StepsRead steps) {
    this.root = root;
    this.steps = steps;
  }

  /** The steps that its expressions read. */
  public StepsRead steps() {
    return steps;
  }

  /**
   * The tree with every expression replaced by its value; a new tree, the caller's to change.
   *
   * @throws EvaluationException if an expression has no value for this event, or the result is too
   *     large
   */
  public JsonNode render(Bindings bindings) {
    return root.render(new TemplateNode.Rendering(bindings, new Meter(), new Values()));
  }
}
