package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the expressions of one AREA, its condition and those in its templates, which together
 * are at most {@link #MOST}. What they see beside {@code event} and {@code meta} depends on where
 * they stand: {@code ofCollected().ofSteps(…)} and the like make the compiler for a place, in any
 * order. For one thread; what it compiles is for several.
 */
public final class AreaExpressions {
  /** Most that an AREA may have; an expression takes about a millisecond to compile. */
  public static final int MOST = 500;

  private final Languages languages;
  private final @Nullable EventType eventType;
  private final Budget budget;
  private final Scope scope;

  AreaExpressions(Languages languages, @Nullable EventType eventType) {
    this(languages, eventType, new Budget(), Scope.EVENT);
  }

  private AreaExpressions(
      Languages languages, @Nullable EventType eventType, Budget budget, Scope scope) {
    this.languages = languages;
    this.eventType = eventType;
    this.budget = budget;
    this.scope = scope;
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

  /**
   * The same AREA's expressions over an event of one of its actions, and nothing else.
   *
   * @param eventSchema JSON Schema of {@code event}
   */
  public AreaExpressions ofEvent(JsonNode eventSchema) {
    return new AreaExpressions(languages, new EventType(eventSchema), budget, Scope.EVENT);
  }

  /** The same AREA's expressions over what its rule collected, too. */
  public AreaExpressions ofCollected() {
    return new AreaExpressions(languages, eventType, budget, scope.withCollected());
  }

  /**
   * The same AREA's expressions over these steps, too: {@code steps.ID.status} and {@code
   * steps.ID.output}, which may be anything. Other uses of {@code steps} are refused, so that it is
   * known which steps an expression reads.
   */
  public AreaExpressions ofSteps(Set<String> ids) {
    return new AreaExpressions(
        languages,
        eventType == null
            ? null
            : eventType.withSteps(Maps.asMap(ids, id -> BooleanNode.getTrue())),
        budget,
        scope.withSteps(ImmutableSet.copyOf(ids)));
  }

  /**
   * The same AREA's expressions over these steps, too, with the types of their outputs checked. An
   * output may be null, whatever its schema says.
   *
   * @param outputs ids of the steps, each with the JSON Schema of its output
   */
  public AreaExpressions ofSteps(Map<String, JsonNode> outputs) {
    EventType type = eventType == null ? new EventType(BooleanNode.getTrue()) : eventType;
    return new AreaExpressions(
        languages,
        type.withSteps(outputs),
        budget,
        scope.withSteps(ImmutableSet.copyOf(outputs.keySet())));
  }

  /** The same AREA's expressions over an {@code item} of a list and its {@code index}, too. */
  public AreaExpressions ofItems() {
    return new AreaExpressions(languages, eventType, budget, scope.withItems());
  }

  /** The same AREA's expressions over what made a run fail, {@code error}, too. */
  public AreaExpressions ofErrors() {
    return new AreaExpressions(languages, eventType, budget, scope.withErrors());
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
   * Compiles an expression of which the value is a list.
   *
   * @throws InvalidExpressionException as {@link #value}, and if it comes to something else
   */
  public ValueExpression list(String cel) {
    Expression expression = compile(cel);
    CelType type = expression.resultType();
    return new ValueExpression(
        expected(
            expression,
            type.kind() == CelKind.LIST,
            "a list is expected, but this is of type " + type.name()));
  }

  /**
   * Compiles an expression of which the value is a time: a timestamp, or a text in RFC 3339.
   *
   * @throws InvalidExpressionException as {@link #value}, and if it comes to something else
   */
  public ValueExpression time(String cel) {
    Expression expression = compile(cel);
    CelType type = expression.resultType();
    return new ValueExpression(
        expected(
            expression,
            isTime(type),
            "a timestamp or a text with one is expected, but this is of type "
                + type.name()
                + "; e.g. meta.time + duration('5m'), or timestamp(…)"));
  }

  private static boolean isTime(CelType type) {
    CelType unwrapped = type instanceof NullableType nullable ? nullable.targetType() : type;
    return unwrapped.equals(SimpleType.TIMESTAMP) || unwrapped.equals(SimpleType.STRING);
  }

  private static Expression expected(Expression expression, boolean fits, String problem) {
    if (!fits && !expression.resultType().equals(SimpleType.DYN)) {
      throw new InvalidExpressionException(List.of(new Problem("", problem)));
    }
    return expression;
  }

  /**
   * Compiles a condition.
   *
   * @throws InvalidExpressionException if it is not CEL, is not boolean, does not fit its event, or
   *     exceeds a bound
   */
  public Condition condition(String cel) {
    return condition(compile(cel));
  }

  /** What must come to true or false, as far as that can be known. */
  static Condition condition(Expression expression) {
    CelType type = expression.resultType();
    return new Condition(
        expected(
            expression,
            type.equals(SimpleType.BOOL),
            "a condition is true or false, but this is of type "
                + type.name()
                + "; compare it with something, e.g. … == 'bug'"));
  }

  private Expression compile(String cel) {
    if (!budget.take()) {
      throw new InvalidExpressionException(List.of(new Problem("", Budget.EXCEEDED)));
    }
    return languages.of(scope).compile(cel, eventType, scope);
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
    Language language = languages.of(scope);
    return new TemplateCompiler(
            source -> language.compile(source, eventType, scope), budget, Set.copyOf(urlInputs))
        .compile(tree);
  }
}
