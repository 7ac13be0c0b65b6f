package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles conditions and templates. Expressions are CEL over {@code event} (the whole delivered
 * body) and {@code meta} ({@link Meta}). Safe for several threads; one is enough for a program.
 *
 * <p>Everything is bounded, by the expression when it is compiled (4,096 characters, depth 50,
 * loops two deep, regular expressions of 1,000 steps) and by its work when it runs (1,000 turns of
 * loops, and a fixed amount of work that depends on the expression and the event alone). A hostile
 * expression is refused, or ends in an {@link EvaluationException}.
 */
public final class Expressions {
  private final Language language = new Language();

  /**
   * Compiles a condition whose {@code event} may be anything.
   *
   * @throws InvalidExpressionException if it is not CEL, is not boolean, or exceeds a bound
   */
  public Condition condition(String cel) {
    return condition(cel, (EventType) null);
  }

  /**
   * Compiles a condition and checks it against the type of its event.
   *
   * @param eventSchema JSON Schema of {@code event}
   * @throws InvalidExpressionException as {@link #condition(String)}, and for fields that the
   *     schema does not have and types that do not fit
   */
  public Condition condition(String cel, JsonNode eventSchema) {
    return condition(cel, new EventType(eventSchema));
  }

  private Condition condition(String cel, @Nullable EventType eventType) {
    Expression expression = language.compile(cel, eventType);
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

  /**
   * Compiles a template whose {@code event} may be anything.
   *
   * @param tree a JSON tree; expressions stand in its texts as <code>${…}</code>, and <code>$${
   *     </code> is a literal <code>${</code>
   * @param urlInputs names of the fields of {@code tree} whose text is a URL
   * @throws InvalidExpressionException with every problem, each with its place in {@code tree}
   */
  public Template template(JsonNode tree, Collection<String> urlInputs) {
    return new TemplateCompiler(source -> language.compile(source, null), Set.copyOf(urlInputs))
        .compile(tree);
  }

  /**
   * Compiles a template and checks it against the type of its event.
   *
   * @param eventSchema JSON Schema of {@code event}
   * @throws InvalidExpressionException as {@link #template(JsonNode, Collection)}, and for fields
   *     that the schema does not have and types that do not fit
   */
  public Template template(JsonNode tree, Collection<String> urlInputs, JsonNode eventSchema) {
    EventType eventType = new EventType(eventSchema);
    return new TemplateCompiler(
            source -> language.compile(source, eventType), Set.copyOf(urlInputs))
        .compile(tree);
  }
}
