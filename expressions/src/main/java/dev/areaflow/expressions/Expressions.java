package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;

/**
 * Compiles conditions and templates. Expressions are CEL over {@code event} (the whole delivered
 * body) and {@code meta} ({@link Meta}). Safe for several threads; one is enough for a program.
 *
 * <p>Everything is bounded, by the expression when it is compiled (4,096 characters, depth 50,
 * loops two deep, regular expressions of 1,000 steps), by the AREA (500 expressions), and by its
 * work when it runs (1,000 turns of loops, and a fixed amount of work that depends on the
 * expression and the event alone). A hostile expression is refused, or ends in an {@link
 * EvaluationException}.
 */
public final class Expressions {
  private final Languages languages = new Languages();

  /** Compiles the expressions of one AREA whose {@code event} may be anything. */
  public AreaExpressions ofArea() {
    return new AreaExpressions(languages, null);
  }

  /**
   * Compiles the expressions of one AREA, and checks them against the type of their event: fields
   * that the schema does not have are refused, and types that do not fit.
   *
   * @param eventSchema JSON Schema of {@code event}
   */
  public AreaExpressions ofArea(JsonNode eventSchema) {
    return new AreaExpressions(languages, new EventType(eventSchema));
  }

  /**
   * Compiles a condition that stands alone.
   *
   * @throws InvalidExpressionException as {@link AreaExpressions#condition}
   */
  public Condition condition(String cel) {
    return ofArea().condition(cel);
  }

  /**
   * Compiles a condition that stands alone, and checks it against the type of its event.
   *
   * @throws InvalidExpressionException as {@link AreaExpressions#condition}
   */
  public Condition condition(String cel, JsonNode eventSchema) {
    return ofArea(eventSchema).condition(cel);
  }

  /**
   * Compiles a condition over an {@code item} of a list and the {@code inputs} of a hook.
   *
   * @throws InvalidExpressionException as {@link AreaExpressions#condition}
   */
  public static ItemCondition itemCondition(String cel) {
    return new ItemCondition(
        AreaExpressions.condition(Items.LANGUAGE.compile(cel, null, Scope.EVENT)));
  }

  /** Made once, for the first condition that needs it. */
  private static final class Items {
    static final Language LANGUAGE = Language.ofItems();
  }

  /**
   * Compiles a template that stands alone.
   *
   * @throws InvalidExpressionException as {@link AreaExpressions#template}
   */
  public Template template(JsonNode tree, Collection<String> urlInputs) {
    return ofArea().template(tree, urlInputs);
  }

  /**
   * Compiles a template that stands alone, and checks it against the type of its event.
   *
   * @throws InvalidExpressionException as {@link AreaExpressions#template}
   */
  public Template template(JsonNode tree, Collection<String> urlInputs, JsonNode eventSchema) {
    return ofArea(eventSchema).template(tree, urlInputs);
  }
}
