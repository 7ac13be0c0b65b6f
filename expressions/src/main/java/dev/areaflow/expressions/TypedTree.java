package dev.areaflow.expressions;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelMutableAst;
import dev.cel.common.CelSource;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.ast.CelMutableExpr;
import dev.cel.common.ast.CelMutableExpr.CelMutableCall;
import dev.cel.common.ast.CelMutableExpr.CelMutableSelect;
import dev.cel.common.navigation.CelNavigableMutableAst;
import dev.cel.common.navigation.CelNavigableMutableExpr;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * An expression as CEL's checker takes it where objects are structures. To JSON an object is a map
 * as well; so {@code a['b']} becomes {@code a.b}, and where an object is used as only maps can be
 * ({@code size(a)}, {@code a.exists(k, …)}, {@code a[b]}, {@code 'b' in a}, compared with a map) it
 * loses its type. Nothing but the check sees this tree.
 */
final class TypedTree {
  private static final Pattern OBJECT_AS_RANGE =
      Pattern.compile("expression of type 'object\\(.*", Pattern.DOTALL);
  private static final Pattern OBJECT_AS_ARGUMENT =
      Pattern.compile(
          "found no matching overload for '[^']*' applied to '(.*object\\(.*)' \\(candidates: .*",
          Pattern.DOTALL);
  private static final Pattern INDEXED_BY_TEXT =
      Pattern.compile("\\(object\\(.*, (?:string|dyn)\\)", Pattern.DOTALL);
  private static final Pattern BOTH_HOLD_OBJECTS =
      Pattern.compile("\\((?:object|map|list)\\(.*, (?:object|map|list)\\(.*", Pattern.DOTALL);

  private final CelSource source;
  private final CelMutableAst tree;
  private final List<CelMutableExpr> nodes;
  private long lastId;

  TypedTree(CelAbstractSyntaxTree parsed) {
    this.source = parsed.getSource();
    this.tree = CelMutableAst.fromCelAst(parsed);
    this.nodes =
        CelNavigableMutableAst.fromAst(tree)
            .getRoot()
            .allNodes()
            .map(CelNavigableMutableExpr::expr)
            .collect(Collectors.toCollection(ArrayList::new));
    this.lastId = nodes.stream().mapToLong(CelMutableExpr::id).max().orElse(0);
    nodes.forEach(TypedTree::selectInsteadOfIndex);
  }

  private static void selectInsteadOfIndex(CelMutableExpr node) {
    if (node.getKind() == Kind.CALL
        && node.call().function().equals("_[_]")
        && node.call().args().size() == 2
        && isText(node.call().args().get(1))) {
      List<CelMutableExpr> arguments = node.call().args();
      node.setSelect(
          CelMutableSelect.create(
              arguments.getFirst(), arguments.getLast().constant().stringValue()));
    }
  }

  private static boolean isText(CelMutableExpr node) {
    return node.getKind() == Kind.CONSTANT
        && node.constant().getKind() == CelConstant.Kind.STRING_VALUE;
  }

  /** The tree as it is now. */
  CelAbstractSyntaxTree toAst() {
    // The copy alone would lose where its nodes stand in the source.
    return CelAbstractSyntaxTree.newParsedAst(tree.toParsedAst().getExpr(), source);
  }

  /**
   * Takes the types from objects where these errors are about their use as maps.
   *
   * @return whether there were such errors, so that another check may end better
   */
  boolean loosen(List<CelIssue> errors) {
    boolean loosened = false;
    for (CelIssue error : errors) {
      for (CelMutableExpr node : nodes) {
        if (node.id() == error.getExprId() && loosen(node, error.getMessage())) {
          loosened = true;
        }
      }
    }
    return loosened;
  }

  private boolean loosen(CelMutableExpr node, String message) {
    if (node.getKind() == Kind.COMPREHENSION && OBJECT_AS_RANGE.matcher(message).matches()) {
      node.comprehension().setIterRange(untyped(node.comprehension().iterRange()));
      return true;
    }
    var arguments = OBJECT_AS_ARGUMENT.matcher(message);
    if (node.getKind() != Kind.CALL || !arguments.matches()) {
      return false;
    }
    CelMutableCall call = node.call();
    String types = arguments.group(1);
    return switch (call.function()) {
      case "size" -> loosenTarget(call) || loosen(call, 0);
      case "_[_]", "_[?_]" -> INDEXED_BY_TEXT.matcher(types).matches() && loosen(call, 0);
      case "@in" -> loosen(call, 0, 1);
      case "_==_", "_!=_", "_+_" ->
          BOTH_HOLD_OBJECTS.matcher(types).matches() && loosen(call, 0, 1);
      case "_?_:_" -> loosen(call, 1, 2);
      default -> false;
    };
  }

  private boolean loosenTarget(CelMutableCall call) {
    if (call.target().isEmpty()) {
      return false;
    }
    call.setTarget(untyped(call.target().get()));
    return true;
  }

  private boolean loosen(CelMutableCall call, int... indexes) {
    boolean loosened = false;
    for (int index : indexes) {
      CelMutableExpr argument = call.args().get(index);
      boolean isLoose = argument.getKind() == Kind.CALL && argument.call().function().equals("dyn");
      if (!isLoose) {
        call.setArg(index, untyped(argument));
        loosened = true;
      }
    }
    return loosened;
  }

  private CelMutableExpr untyped(CelMutableExpr node) {
    lastId++;
    return CelMutableExpr.ofCall(lastId, CelMutableCall.create("dyn", node));
  }
}
