package dev.areaflow.expressions;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The fields that an expression reads, as a person would write them: {@code event.issue.title}. */
record Paths(List<Path> all) {
  private static final String UNNAMED = "…";

  /**
   * One reading of a field.
   *
   * @param owner what the field is read from, for example {@code event.issue}
   * @param field its name
   * @param column where the reading stands, from 1
   * @param guard whether it asks for the field without needing it: {@code has(a.b)}, {@code a.?b},
   *     {@code a[?'b']}, {@code 'b' in a}
   */
  record Path(String owner, String field, int column, boolean guard) {
    String text() {
      return owner + "." + field;
    }

    /** Whether a person can find the owner by its text. */
    boolean isNamed() {
      return !owner.startsWith(UNNAMED);
    }

    /** Whether the owner is this one or stands below it. */
    boolean isWithin(String above) {
      return owner.equals(above) || owner.startsWith(above + ".") || owner.startsWith(above + "[");
    }

    private boolean isSame(String otherOwner, String otherField) {
      return owner.equals(otherOwner) && field.equals(otherField);
    }
  }

  Paths {
    all = List.copyOf(all);
  }

  static Paths of(CelAbstractSyntaxTree tree) {
    List<CelExpr> nodes =
        CelNavigableAst.fromAst(tree).getRoot().allNodes().map(CelNavigableExpr::expr).toList();
    Set<Long> guards = guards(nodes);
    return new Paths(nodes.stream().flatMap(node -> reading(tree, node, guards).stream()).toList());
  }

  /** What stands within {@code has(…)}: all of it, since the field's owner may be missing too. */
  private static Set<Long> guards(List<CelExpr> nodes) {
    Set<Long> guards = new HashSet<>();
    for (CelExpr node : nodes) {
      if (node.getKind() == Kind.SELECT && node.select().testOnly()) {
        CelExpr at = node;
        while (at.getKind() == Kind.SELECT || isIndexWithText(at)) {
          guards.add(at.id());
          at = at.getKind() == Kind.SELECT ? at.select().operand() : at.call().args().getFirst();
        }
      }
    }
    return guards;
  }

  private static Optional<Path> reading(
      CelAbstractSyntaxTree tree, CelExpr node, Set<Long> guards) {
    if (isMembershipOfText(node)) {
      return Optional.of(
          path(
              tree,
              node,
              node.call().args().getLast(),
              node.call().args().getFirst().constant().stringValue(),
              true));
    }
    return read(node)
        .map(
            read ->
                path(
                    tree,
                    node,
                    read.owner(),
                    read.field(),
                    guards.contains(node.id()) || read.guard()));
  }

  /**
   * A field as it is read, in whichever way that is written.
   *
   * @param guard whether this way does not need the field
   */
  record Read(CelExpr owner, String field, boolean guard) {}

  /** The reading that a node is: {@code a.b}, {@code a['b']}, {@code a.?b} or {@code a[?'b']}. */
  static Optional<Read> read(CelExpr node) {
    if (node.getKind() == Kind.SELECT) {
      return Optional.of(new Read(node.select().operand(), node.select().field(), false));
    }
    if (isIndexWithText(node)) {
      return Optional.of(
          new Read(
              node.call().args().getFirst(),
              node.call().args().getLast().constant().stringValue(),
              !node.call().function().equals("_[_]")));
    }
    return Optional.empty();
  }

  private static Path path(
      CelAbstractSyntaxTree tree, CelExpr node, CelExpr owner, String field, boolean guard) {
    Integer offset = tree.getSource().getPositionsMap().get(node.id());
    int column = offset == null ? 1 : offset + 1;
    return new Path(text(owner), field, column, guard);
  }

  /** Whether the node is {@code a['b']}, {@code a.?b} or {@code a[?'b']}. */
  static boolean isIndexWithText(CelExpr node) {
    if (node.getKind() != Kind.CALL
        || node.call().args().size() != 2
        || !Language.isText(node.call().args().getLast())) {
      return false;
    }
    return switch (node.call().function()) {
      case "_[_]", "_?._", "_[?_]" -> true;
      default -> false;
    };
  }

  private static boolean isMembershipOfText(CelExpr node) {
    return node.getKind() == Kind.CALL
        && node.call().function().equals("@in")
        && Language.isText(node.call().args().getFirst());
  }

  /** The first reading of a field of that name; one that needs it before others. */
  Optional<Path> find(String field) {
    return readings(field)
        .filter(path -> !path.guard())
        .findFirst()
        .or(() -> readings(field).findFirst());
  }

  /**
   * The reading that needs a field which is not there, empty where every one is guarded.
   *
   * @param owner what does not have it, as the schema names it; in loops the expression's name of
   *     it is another
   */
  Optional<Path> unguarded(String owner, String field) {
    if (isGuarded(owner, field)) {
      return Optional.empty();
    }
    List<Path> readings = readings(field).filter(path -> !isGuarded(path.owner(), field)).toList();
    return readings.stream()
        .filter(path -> path.owner().equals(owner))
        .findFirst()
        .or(() -> readings.stream().findFirst());
  }

  private boolean isGuarded(String owner, String field) {
    return all.stream().anyMatch(path -> path.guard() && path.isSame(owner, field));
  }

  /** All readings of fields of that name. */
  Stream<Path> readings(String field) {
    return all.stream().filter(path -> path.field().equals(field));
  }

  private static String text(CelExpr node) {
    return switch (node.getKind()) {
      case IDENT -> node.ident().name();
      case SELECT -> text(node.select().operand()) + "." + node.select().field();
      case CALL -> isIndex(node) ? text(node.call().args().getFirst()) + index(node) : UNNAMED;
      case CONSTANT, LIST, STRUCT, MAP, COMPREHENSION, NOT_SET -> UNNAMED;
    };
  }

  private static boolean isIndex(CelExpr node) {
    return node.call().function().equals("_[_]") || isIndexWithText(node);
  }

  private static String index(CelExpr node) {
    CelExpr index = node.call().args().getLast();
    if (Language.isText(index)) {
      return "." + index.constant().stringValue();
    }
    return index.getKind() == Kind.CONSTANT
            && index.constant().getKind() == CelConstant.Kind.INT64_VALUE
        ? "[" + index.constant().int64Value() + "]"
        : "[…]";
  }
}
