package dev.areaflow.expressions;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.cel.checker.CelChecker;
import dev.cel.checker.CelStandardDeclarations;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationResult;
import dev.cel.common.CelVarDecl;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Checks trees against the types of variables and the functions of {@link Language}. CEL takes in
 * every declaration anew at each check, which costs more than the check itself; so a tree is
 * checked by one that knows just the functions that stand in it. As safe for several threads as the
 * types that it is given.
 */
final class Checker {
  private static final int MOST_KEPT = 1_000;

  private final CelTypeProvider types;
  private final List<CelVarDecl> variables;
  private final Cache<Set<String>, CelChecker> byFunctions =
      Caffeine.newBuilder().maximumSize(MOST_KEPT).executor(Runnable::run).build();

  Checker(CelTypeProvider types, Map<String, CelType> variables) {
    this.types = types;
    this.variables =
        variables.entrySet().stream()
            .map(of -> CelVarDecl.newVarDeclaration(of.getKey(), of.getValue()))
            .toList();
  }

  CelValidationResult check(CelAbstractSyntaxTree parsed) {
    return byFunctions.get(functions(parsed), this::of).check(parsed);
  }

  private static Set<String> functions(CelAbstractSyntaxTree parsed) {
    return CelNavigableAst.fromAst(parsed)
        .getRoot()
        .allNodes()
        .map(CelNavigableExpr::expr)
        .filter(node -> node.getKind() == Kind.CALL)
        .map(CelExpr::call)
        .map(CelExpr.CelCall::function)
        .collect(Collectors.toUnmodifiableSet());
  }

  private CelChecker of(Set<String> functions) {
    return CelCompilerFactory.standardCelCheckerBuilder()
        .setOptions(Language.OPTIONS)
        .setStandardEnvironmentEnabled(false)
        .setStandardDeclarations(
            CelStandardDeclarations.newBuilder()
                .filterFunctions((function, _) -> stands(function.functionName(), functions))
                .build())
        .addFunctionDeclarations(
            Language.FUNCTIONS.stream()
                .filter(function -> stands(function.name(), functions))
                .toList())
        .addVarDeclarations(CelExtensions.optional().variables())
        .addVarDeclarations(variables)
        .setTypeProvider(types)
        .build();
  }

  /**
   * In a tree that is only parsed, {@code math.abs(x)} is a call of {@code abs} at {@code math}.
   */
  private static boolean stands(String declared, Set<String> functions) {
    return functions.contains(declared)
        || functions.contains(declared.substring(declared.lastIndexOf('.') + 1));
  }
}
