package dev.areaflow.expressions;

import com.google.re2j.Pattern;
import dev.cel.common.types.CelType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelVariableResolver;
import java.util.Map;
import java.util.Optional;

/**
 * One compiled CEL expression. Safe for several threads.
 *
 * @param source as a person wrote it
 * @param program what runs
 * @param resultType what it comes to, as far as that can be known
 * @param patterns the regular expressions that stand in it
 * @param paths the fields it reads
 * @param reads the variables and steps it reads
 */
record Expression(
    String source,
    CelRuntime.Program program,
    CelType resultType,
    Map<String, Pattern> patterns,
    Paths paths,
    Reads reads) {

  Expression {
    patterns = Map.copyOf(patterns);
  }

  /**
   * Its value for an event, never null.
   *
   * @throws EvaluationException if there is none
   */
  Object evaluate(Bindings bindings, Meter meter) {
    meter.expect(patterns);
    // Before CEL runs, which would take an unreadable payload for one side of an || that may fail.
    CelVariableResolver variables = bindings.resolver(reads);
    Object value;
    try {
      value = program.trace(variables, meter, meter);
    } catch (CelEvaluationException e) {
      throw meter.exhausted()
          ? new EvaluationException(Meter.Exhausted.MESSAGE, e)
          : new EvaluationException(
              Messages.ofFailure(e, paths, bindings.withoutOutput(reads.steps())), e);
    } catch (StackOverflowError e) {
      // Not every depth that CEL goes to is known; the thread itself is well.
      throw new EvaluationException("it is nested too deep for this event; make it simpler", e);
    }
    if (value instanceof Optional<?> optional) {
      return optional.orElseThrow(
          () -> new EvaluationException("it comes to no value; end it with .orValue(…)"));
    }
    return value;
  }
}
