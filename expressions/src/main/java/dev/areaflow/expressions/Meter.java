package dev.areaflow.expressions;

import com.google.re2j.Pattern;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelEvaluationListener;
import dev.cel.runtime.CelFunctionResolver;
import dev.cel.runtime.CelResolvedOverload;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Counts the work of one evaluation and stops it at a fixed amount. CEL has no meter of its own:
 * its limits bound the loops, not what one step may cost when texts or lists are large. The count
 * depends on the expression and the event alone, so an evaluation that is repeated ends the same.
 *
 * <p>A step costs 1, and more by the {@link Weights weight} of its value; so both sides of a
 * comparison are paid for, whole, before they are compared. {@link TextFunctions} ask before they
 * work. A unit stands for a microsecond at the worst, mostly for far less. For one thread.
 */
final class Meter implements CelEvaluationListener, CelFunctionResolver {
  private static final long BUDGET = 500_000;
  private static final int CHARACTERS_PER_UNIT = 32;
  private static final int ELEMENTS_PER_UNIT = 8;
  private static final int VALUES_PER_UNIT = 32;
  private static final int LONGEST_TEXT = 4 * 1024 * 1024;

  /** CEL's name of what a loop has gathered so far; no expression can write it. */
  private static final String GATHERED = "@result";

  private final Weights weights = new Weights();
  private final TextFunctions textFunctions = new TextFunctions(this);
  private Map<String, Pattern> patterns = Map.of();
  private long left = BUDGET;

  /** Gives the compiled forms of the patterns that stand in the expression that comes next. */
  void expect(Map<String, Pattern> literalPatterns) {
    this.patterns = literalPatterns;
    weights.clear();
  }

  @Nullable Pattern literalPattern(String text) {
    return patterns.get(text);
  }

  @Override
  public void callback(CelExpr expression, Object result) {
    if (result instanceof Collection<?> list && isGathered(expression)) {
      // It is met again at each turn, and copied without a look into its texts.
      charge(1 + weights.sum(list).values() / VALUES_PER_UNIT);
      return;
    }
    charge(1 + cost(result));
    if (result instanceof Collection<?> list && isSort(expression)) {
      charge(list.size());
    }
  }

  private static boolean isSort(CelExpr expression) {
    return expression.getKind() == Kind.CALL && expression.call().function().equals("sort");
  }

  /** Whether this is what a loop has gathered, or its next step: {@code c ? it + [x] : it}. */
  private static boolean isGathered(CelExpr expression) {
    return switch (expression.getKind()) {
      case IDENT -> expression.ident().name().equals(GATHERED);
      case CALL -> {
        List<CelExpr> arguments = expression.call().args();
        yield switch (expression.call().function()) {
          case "_+_" -> isGathered(arguments.getFirst());
          case "_?_:_" -> isGathered(arguments.getLast());
          default -> false;
        };
      }
      default -> false;
    };
  }

  private long cost(Object result) {
    return switch (result) {
      case String text -> texts(text.length());
      case CelByteString bytes -> texts(bytes.size());
      case Collection<?> list -> weights.of(list).characters() / CHARACTERS_PER_UNIT;
      case Map<?, ?> map -> weights.of(map).characters() / CHARACTERS_PER_UNIT;
      case Optional<?> optional -> weights.of(optional).characters() / CHARACTERS_PER_UNIT;
      default -> 0;
    };
  }

  private static long texts(long characters) {
    return characters > LONGEST_TEXT ? BUDGET : characters / CHARACTERS_PER_UNIT;
  }

  /** Pays for a list of that many elements before it is made. */
  void chargeElements(long elements) {
    charge(elements / ELEMENTS_PER_UNIT);
  }

  /** Pays for a text of that length before it is made. */
  void chargeText(long characters) {
    charge(texts(characters));
  }

  /**
   * Pays for work.
   *
   * @throws Exhausted when nothing is left; from then on every step throws it
   */
  void charge(long units) {
    left -= units;
    if (left < 0) {
      throw new Exhausted();
    }
  }

  boolean exhausted() {
    return left < 0;
  }

  @Override
  public Optional<CelResolvedOverload> findOverloadMatchingArgs(
      String functionName, Collection<String> overloadIds, Object[] arguments) {
    return findOverloadMatchingArgs(functionName, arguments);
  }

  @Override
  public Optional<CelResolvedOverload> findOverloadMatchingArgs(
      String functionName, Object[] arguments) {
    return textFunctions
        .find(functionName, arguments)
        .map(
            definition ->
                CelResolvedOverload.of(
                    functionName, functionName, definition, true, anything(arguments)));
  }

  private static List<Class<?>> anything(Object[] arguments) {
    return Collections.nCopies(arguments.length, Object.class);
  }

  /** The evaluation has used up what it may do. */
  static final class Exhausted extends RuntimeException {
    static final String MESSAGE = "it does more work than an expression may; make it simpler";

    Exhausted() {
      super(MESSAGE, null, false, false);
    }
  }
}
