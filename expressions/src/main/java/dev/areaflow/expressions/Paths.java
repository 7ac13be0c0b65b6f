package dev.areaflow.expressions;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import java.util.List;
import java.util.Optional;

/** The fields that an expression reads, as a person would write them: {@code event.issue.title}. */
record Paths(List<Path> all) {

  /**
   * One reading of a field.
   *
   * @param owner what the field is read from, for example {@code event.issue}
   * @param field its name
   * @param column where the reading stands, from 1
   */
  record Path(String owner, String field, int column) {
    String text() {
      return owner + "." + field;
    }
  }

  Paths {
    all = List.copyOf(all);
  }

  static Paths of(CelAbstractSyntaxTree tree) {
    return new Paths(
        CelNavigableAst.fromAst(tree)
            .getRoot()
            .allNodes()
            .map(CelNavigableExpr::expr)
            .flatMap(node -> reading(tree, node).stream())
            .toList());
  }

  private static Optional<Path> reading(CelAbstractSyntaxTree tree, CelExpr node) {
    CelExpr owner;
    String field;
    if (node.getKind() == Kind.SELECT) {
      owner = node.select().operand();
      field = node.select().field();
    } else if (isIndexWithText(node)) {
      owner = node.call().args().getFirst();
      field = node.call().args().getLast().constant().stringValue();
    } else {
      return Optional.empty();
    }
    Integer offset = tree.getSource().getPositionsMap().get(node.id());
    int column = offset == null ? 1 : offset + 1;
    return Optional.of(new Path(text(owner), field, column));
  }

  /** Whether the node is {@code a['b']} or {@code a.?b}. */
  static boolean isIndexWithText(CelExpr node) {
    return node.getKind() == Kind.CALL
        && (node.call().function().equals("_[_]") || node.call().function().equals("_?._"))
        && node.call().args().size() == 2
        && Language.isText(node.call().args().getLast());
  }

  /** The first reading of a field of that name. */
  Optional<Path> find(String field) {
    return all.stream().filter(path -> path.field().equals(field)).findFirst();
  }

  private static String text(CelExpr node) {
    return switch (node.getKind()) {
      case IDENT -> node.ident().name();
      case SELECT -> text(node.select().operand()) + "." + node.select().field();
      case CALL -> isIndex(node) ? text(node.call().args().getFirst()) + index(node) : "…";
      case CONSTANT, LIST, STRUCT, MAP, COMPREHENSION, NOT_SET -> "…";
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
