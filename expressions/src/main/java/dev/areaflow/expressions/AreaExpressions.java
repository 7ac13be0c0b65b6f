package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the expressions of one AREA, its condition and those in its templates, which together
 * are at most {@link #MOST}. For one thread; what it compiles is for several.
 */
public final class AreaExpressions {
  /** Most that an AREA may have; an expression takes about a millisecond to compile. */
  public static final int MOST = 500;

  private final Language language;
  private final @Nullable EventType eventType;
  private final Budget budget;

  AreaExpressions(Language language, @Nullable EventType eventType) {
    this(language, eventType, new Budget());
  }

  private AreaExpressions(Language language, @Nullable EventType eventType, Budget budget) {
    this.language = language;
    this.eventType = eventType;
    this.budget = budget;
  }

  /** How many expressions an AREA may still have. */
  static final class Budget {
    static final String EXCEEDED =
        "from here on the AREA has more than %d expressions; use fewer ${…}, or make several AREAs"
                .formatted(MOST)
            + " of it";

    private int left = MOST;

    /** Takes one, if there is one left. */
    boolean take() {
      left--;
      return left >= 0;
    }
  }

  /** The same AREA's expressions over an {@code event} that may be anything. */
  public AreaExpressions ofAnyEvent() {
    return new AreaExpressions(language, null, budget);
  }

  /**
   * The same AREA's expressions over an event of one of its actions.
   *
   * @param eventSchema JSON Schema of {@code event}
   */
  public AreaExpressions ofEvent(JsonNode eventSchema) {
    return new AreaExpressions(language, new EventType(eventSchema), budget);
  }

  /** The same AREA's expressions over what its rule collected, too. */
  public AreaExpressions ofCollected() {
    return new AreaExpressions(Collected.LANGUAGE, eventType, budget);
  }

  /** Made once, for the first AREA with a rule. */
  private static final class Collected {
    static final Language LANGUAGE = Language.ofCollected();
  }

  /**
   * Compiles an expression of which the value is wanted.
   *
   * @throws InvalidExpressionException if it is not CEL, does not fit its event, or exceeds a bound
   */
  public ValueExpression value(String cel) {
    return new ValueExpression(compile(cel));
  }

  /**
   * Compiles a condition.
   *
   * @throws InvalidExpressionException if it is not CEL, is not boolean, does not fit its event, or
   *     exceeds a bound
   */
  public Condition condition(String cel) {
    Expression expression = compile(cel);
    CelType type = expression.resultType();
    if (!type.equals(SimpleType.BOOL) && !type.equals(SimpleType.DYN)) {
      throw new InvalidExpressionException(
          List.of(
              new Problem(
                  "",
                  "a condition is true or false, but this is of type "
                      + type.name()
                      + "; compare it with something, e.g. … == 'bug'")));
    }
    return new Condition(expression);
  }

  private Expression compile(String cel) {
    if (!budget.take()) {
      throw new InvalidExpressionException(List.of(new Problem("", Budget.EXCEEDED)));
    }
    return language.compile(cel, eventType);
  }

  /**
   * Compiles a template.
   *
   * @param tree a JSON tree; expressions stand in its texts as <code>${…}</code>, and <code>$${
   *     </code> is a literal <code>${</code>
   * @param urlInputs names of the fields of {@code tree} whose text is a URL
   * @throws InvalidExpressionException with every problem, each with its place in {@code tree}
   */
  public Template template(JsonNode tree, Collection<String> urlInputs) {
    return new TemplateCompiler(
            source -> language.compile(source, eventType), budget, Set.copyOf(urlInputs))
        .compile(tree);
  }
}
