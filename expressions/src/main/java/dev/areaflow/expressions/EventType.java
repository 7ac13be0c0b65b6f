package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The type of {@code event} that a JSON Schema declares, those of outputs of steps, and those of
 * the other variables. Objects with named fields are structures, others maps; whatever a schema
 * leaves open is dynamic, and so is {@code number}, since a whole number may stand there. An object
 * that names fields and does not say otherwise has no others.
 *
 * <p>Types are made as an expression asks for them, so neither the size of a schema nor its cycles
 * matter. It checks one expression after the other, with one checker; for one thread.
 */
final class EventType {
  /** Loops stand at most two deep in one another, and other uses of maps can be seen at once. */
  private static final int MOST_LOOSENINGS = 8;

  private final Shapes event;
  private final ImmutableMap<String, Shapes> outputs;
  private final Checker checker;
  private Types types;

  /** The type of an event of which the steps have no output that it knows. */
  EventType(JsonNode schema) {
    this(new Shapes(schema), ImmutableMap.of());
  }

  private EventType(Shapes event, ImmutableMap<String, Shapes> outputs) {
    this.event = event;
    this.outputs = outputs;
    this.types = types(new Paths(List.of()));
    this.checker =
        Language.checker(types.event(), Types.META, Types.STEPS, Types.ERROR, new Current());
  }

  /** The type of the same event, beside steps whose outputs are of these JSON Schemas. */
  EventType withSteps(Map<String, JsonNode> schemas) {
    return new EventType(
        event, ImmutableMap.copyOf(Maps.transformValues(schemas, schema -> new Shapes(schema))));
  }

  private Types types(Paths paths) {
    return new Types(event, outputs, paths);
  }

  /**
   * The type of an expression's value.
   *
   * @throws InvalidExpressionException with every field that the schema does not have, and
   *     everything that does not fit
   */
  CelType check(CelAbstractSyntaxTree parsed, Paths paths) {
    TypedTree tree = new TypedTree(parsed);
    for (int loosenings = 0; ; loosenings++) {
      types = types(paths);
      // Names the structures that the checker's variables refer to.
      var _ = types.event();
      CelValidationResult result = checker.check(tree.toAst());
      if (loosenings < MOST_LOOSENINGS && tree.loosen(result.getErrors())) {
        continue;
      }
      return type(result, types.problems());
    }
  }

  private static CelType type(CelValidationResult result, List<Problem> unknownFields) {
    List<Problem> problems = new ArrayList<>(unknownFields);
    for (CelIssue issue : result.getErrors()) {
      problems.add(new Problem("", Messages.ofIssue(issue, Scope.EVENT.variables())));
    }
    if (!problems.isEmpty()) {
      throw new InvalidExpressionException(problems);
    }
    try {
      return result.getAst().getResultType();
    } catch (CelValidationException e) {
      throw new IllegalStateException("a check without errors has a result", e);
    }
  }

  /** The types of the expression that is being checked. */
  @SuppressWarnings("Immutable") // it lives as long as the check that it serves
  private final class Current implements CelTypeProvider {
    @Override
    public ImmutableCollection<CelType> types() {
      return types.structures();
    }

    @Override
    public Optional<CelType> findType(String name) {
      return types.structure(name);
    }
  }
}
