package dev.areaflow.expressions;

import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an expression reads.
 *
 * @param variables names of variables, those of its own loops left out
 * @param steps the steps among {@code steps}
 */
record Reads(Set<String> variables, StepsRead steps) {
  static final String STATUS = "status";
  static final String OUTPUT = "output";
  private static final List<String> STEP_FIELDS = List.of(STATUS, OUTPUT);

  Reads {
    variables = Set.copyOf(variables);
  }

  /**
   * What a parsed expression reads.
   *
   * @throws InvalidExpressionException if it uses {@code steps} other than by id and field, or
   *     names one that is not in the scope
   */
  static Reads of(CelAbstractSyntaxTree tree, Scope scope) {
    Finder finder = new Finder(tree, scope);
    finder.visit(tree.getExpr(), ImmutableSet.of());
    if (!finder.problems.isEmpty()) {
      throw new InvalidExpressionException(finder.problems.stream().distinct().toList());
    }
    return new Reads(finder.variables, new StepsRead(finder.ids, finder.outputs));
  }

  /** Walks one expression. */
  private static final class Finder {
    private final CelAbstractSyntaxTree tree;
    private final ImmutableSet<String> known;
    private final boolean seesSteps;
    private final Set<String> variables = new LinkedHashSet<>();
    private final Set<String> ids = new LinkedHashSet<>();
    private final Set<String> outputs = new LinkedHashSet<>();
    private final List<Problem> problems = new ArrayList<>();

    /** {@code steps.ID.field}. */
    private record Reading(String id, String field) {}

    Finder(CelAbstractSyntaxTree tree, Scope scope) {
      this.tree = tree;
      this.seesSteps = scope.steps() != null;
      this.known = scope.steps() == null ? ImmutableSet.of() : scope.steps();
    }

    /**
     * @param bound variables of the loops that the node stands in
     */
    void visit(CelExpr node, ImmutableSet<String> bound) {
      Optional<Reading> reading = reading(node, bound);
      if (reading.isPresent()) {
        read(node, reading.get());
        return;
      }
      Optional<String> step = step(node, bound);
      if (step.isPresent()) {
        refuseWholeStep(node, step.get());
        return;
      }
      switch (node.getKind()) {
        case IDENT -> variable(node, bound);
        case SELECT -> visit(node.select().operand(), bound);
        case CALL -> {
          checkStatus(node, bound);
          node.call().target().ifPresent(target -> visit(target, bound));
          node.call().args().forEach(argument -> visit(argument, bound));
        }
        case LIST -> node.list().elements().forEach(element -> visit(element, bound));
        case MAP ->
            node.map()
                .entries()
                .forEach(
                    entry -> {
                      visit(entry.key(), bound);
                      visit(entry.value(), bound);
                    });
        case STRUCT -> node.struct().entries().forEach(entry -> visit(entry.value(), bound));
        case COMPREHENSION -> loop(node.comprehension(), bound);
        case CONSTANT, NOT_SET -> {}
      }
    }

    private void loop(CelComprehension loop, ImmutableSet<String> bound) {
      visit(loop.iterRange(), bound);
      visit(loop.accuInit(), bound);
      ImmutableSet<String> inside =
          ImmutableSet.<String>builder()
              .addAll(bound)
              .add(loop.iterVar(), loop.iterVar2(), loop.accuVar())
              .build();
      visit(loop.loopCondition(), inside);
      visit(loop.loopStep(), inside);
      visit(loop.result(), inside);
    }

    private void variable(CelExpr node, ImmutableSet<String> bound) {
      String name = node.ident().name();
      if (isSteps(node, bound)) {
        problem(
            node,
            "steps cannot be used as a whole; name the step and what is wanted of it, e.g."
                + " steps.ID.output or steps['ID'].status");
      } else if (!bound.contains(name)) {
        variables.add(name);
      }
    }

    private boolean isSteps(CelExpr node, ImmutableSet<String> bound) {
      return seesSteps
          && node.getKind() == Kind.IDENT
          && node.ident().name().equals(Language.STEPS)
          && !bound.contains(Language.STEPS);
    }

    private Optional<Reading> reading(CelExpr node, ImmutableSet<String> bound) {
      return Paths.read(node)
          .flatMap(outer -> step(outer.owner(), bound).map(id -> new Reading(id, outer.field())));
    }

    private Optional<String> step(CelExpr node, ImmutableSet<String> bound) {
      return Paths.read(node).filter(read -> isSteps(read.owner(), bound)).map(Paths.Read::field);
    }

    private void read(CelExpr node, Reading reading) {
      if (!isKnown(node, reading.id())) {
        return;
      }
      if (!STEP_FIELDS.contains(reading.field())) {
        problem(
            node,
            "steps."
                + reading.id()
                + " has no field '"
                + reading.field()
                + "'"
                + Messages.choice(reading.field(), STEP_FIELDS));
        return;
      }
      ids.add(reading.id());
      if (reading.field().equals(OUTPUT)) {
        outputs.add(reading.id());
      }
    }

    private boolean isKnown(CelExpr node, String id) {
      if (known.contains(id)) {
        return true;
      }
      Optional<String> hyphenated =
          known.stream().filter(step -> step.startsWith(id + "-")).findFirst();
      problem(
          node,
          "there is no step '"
              + id
              + "'"
              + hyphenated
                  .map(step -> "; because of its hyphen write steps['" + step + "']")
                  .orElseGet(() -> Messages.choice(id, known.asList())));
      return false;
    }

    private void refuseWholeStep(CelExpr node, String id) {
      if (isKnown(node, id)) {
        problem(
            node,
            "steps.%s is not a value; write steps.%s.output or steps.%s.status"
                .formatted(id, id, id));
      }
    }

    /** A comparison with a status that does not exist would never hold. */
    private void checkStatus(CelExpr node, ImmutableSet<String> bound) {
      List<CelExpr> arguments = node.call().args();
      switch (node.call().function()) {
        case "_==_", "_!=_" -> {
          checkStatus(arguments.getFirst(), arguments.getLast(), bound);
          checkStatus(arguments.getLast(), arguments.getFirst(), bound);
        }
        case "@in" -> {
          if (arguments.getLast().getKind() == Kind.LIST) {
            arguments
                .getLast()
                .list()
                .elements()
                .forEach(element -> checkStatus(arguments.getFirst(), element, bound));
          }
        }
        default -> {}
      }
    }

    private void checkStatus(CelExpr status, CelExpr text, ImmutableSet<String> bound) {
      boolean isStatus =
          reading(status, bound).filter(read -> read.field().equals(STATUS)).isPresent();
      if (!isStatus || !Language.isText(text)) {
        return;
      }
      String value = text.constant().stringValue();
      if (!StepResult.Status.TEXTS.contains(value)) {
        problem(
            text,
            "there is no status '"
                + value
                + "'"
                + Messages.choice(value, StepResult.Status.TEXTS.asList()));
      }
    }

    private void problem(CelExpr node, String detail) {
      Integer offset = tree.getSource().getPositionsMap().get(node.id());
      problems.add(new Problem("", Messages.at(offset == null ? 1 : offset + 1, detail)));
    }
  }
}
