package dev.areaflow.expressions;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.re2j.Pattern;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelListsExtensions;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.parser.CelParser;
import dev.cel.parser.CelParserFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The CEL that Areaflow speaks: which functions there are, and what bounds every expression.
 *
 * <p>Standard CEL with optional values ({@code event.?a.?b.orValue('')}); of the extensions those
 * of texts ({@code charAt, join, lowerAscii, upperAscii, quote, reverse, substring, trim}, and in
 * their plain forms {@code indexOf, lastIndexOf, replace, split}), {@code math.*}, and of lists
 * {@code slice, reverse, sort}. Left out is what can make much of little: {@code cel.bind}, {@code
 * lists.range}, {@code flatten}, {@code distinct}, {@code format}, and protocol buffers.
 */
final class Language {
  static final int MAX_CODE_POINTS = 4_096;
  private static final int MAX_PARSE_DEPTH = 50;
  private static final int MAX_TREE_DEPTH = 50;
  private static final int MAX_ITERATIONS = 1_000;

  /** A loop in a loop is what the arrays in GitHub's pushes need: commits, and files of each. */
  private static final int MAX_LOOP_NESTING = 2;

  static final String EVENT = "event";
  static final String META = "meta";
  static final String EVENTS = "events";
  static final String CHANGE = "change";
  static final String STEPS = "steps";
  static final String ITEM = "item";
  static final String INDEX = "index";
  static final String ERROR = "error";
  static final ImmutableMap<String, CelType> META_FIELDS =
      ImmutableMap.of(
          "id", SimpleType.STRING,
          "time", SimpleType.TIMESTAMP,
          "service", SimpleType.STRING,
          "action", SimpleType.STRING,
          "of", SimpleType.STRING);
  static final ImmutableMap<String, CelType> ERROR_FIELDS =
      ImmutableMap.<String, CelType>builder()
          .put("step", SimpleType.STRING)
          .put("attempts", SimpleType.INT)
          .put("class", SimpleType.STRING)
          .put("status", NullableType.create(SimpleType.INT))
          .put("message", SimpleType.STRING)
          .put("response", NullableType.create(SimpleType.STRING))
          .put("failingSince", SimpleType.TIMESTAMP)
          .put("pausesAt", NullableType.create(SimpleType.TIMESTAMP))
          .buildOrThrow();

  static final CelOptions OPTIONS =
      CelOptions.current()
          .maxExpressionCodePointSize(MAX_CODE_POINTS)
          .maxParseRecursionDepth(MAX_PARSE_DEPTH)
          .comprehensionMaxIterations(MAX_ITERATIONS)
          .maxRegexProgramSize(TextFunctions.LARGEST_PROGRAM)
          .enableHeterogeneousNumericComparisons(true)
          .enableOptionalSyntax(true)
          .populateMacroCalls(true)
          .build();

  private static final CelStringExtensions STRINGS =
      CelExtensions.strings(
          CelStringExtensions.Function.CHAR_AT,
          CelStringExtensions.Function.LOWER_ASCII,
          CelStringExtensions.Function.QUOTE,
          CelStringExtensions.Function.SUBSTRING,
          CelStringExtensions.Function.TRIM,
          CelStringExtensions.Function.UPPER_ASCII);

  private static final CelListsExtensions LISTS =
      CelExtensions.lists(CelListsExtensions.Function.SLICE, CelListsExtensions.Function.SORT);

  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.plannerRuntimeBuilder()
          .setOptions(OPTIONS)
          .setStandardFunctions(
              CelStandardFunctions.newBuilder()
                  .excludeFunctions(
                      CelStandardFunctions.StandardFunction.MATCHES,
                      CelStandardFunctions.StandardFunction.CONTAINS)
                  .build())
          .addLibraries(STRINGS, CelExtensions.math(), LISTS, CelExtensions.optional())
          .addLateBoundFunctions(TextFunctions.NAMES)
          .build();

  /** Every function beside CEL's standard ones. */
  static final ImmutableList<CelFunctionDecl> FUNCTIONS =
      ImmutableList.<CelFunctionDecl>builder()
          .addAll(STRINGS.functions())
          .addAll(CelExtensions.math().functions())
          .addAll(LISTS.functions())
          .addAll(CelExtensions.optional().functions())
          .addAll(TextFunctions.DECLARATIONS)
          .build();

  private static final CelParser PARSER =
      CelParserFactory.standardCelParserBuilder()
          .setOptions(OPTIONS)
          .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
          .addLibraries(CelExtensions.math(), CelExtensions.optional())
          .build();

  private final Checker checker;

  private Language(Map<String, CelType> variables) {
    this.checker = new Checker(new NoTypes(), variables);
  }

  /** Over an {@code item} and {@code inputs}. */
  static Language ofItems() {
    return new Language(Map.of(ITEM, SimpleType.DYN, "inputs", SimpleType.DYN));
  }

  /** Over {@code event} and {@code meta}, and these beside them. */
  static Language of(Scope.Variables variables) {
    return new Language(
        types(variables, SimpleType.DYN, SimpleType.DYN, SimpleType.DYN, SimpleType.DYN));
  }

  /** Checks expressions over variables of these types, and of all others. */
  static Checker checker(
      CelType event, CelType meta, CelType steps, CelType error, CelTypeProvider types) {
    return new Checker(
        types, types(new Scope.Variables(true, true, true, true), event, meta, steps, error));
  }

  private static Map<String, CelType> types(
      Scope.Variables variables, CelType event, CelType meta, CelType steps, CelType error) {
    Map<String, CelType> types = new HashMap<>(Map.of(EVENT, event, META, meta));
    if (variables.collected()) {
      types.put(EVENTS, ListType.create(SimpleType.DYN));
      types.put(CHANGE, SimpleType.DYN);
    }
    if (variables.steps()) {
      types.put(STEPS, steps);
    }
    if (variables.items()) {
      types.put(ITEM, SimpleType.DYN);
      types.put(INDEX, SimpleType.INT);
    }
    if (variables.errors()) {
      types.put(ERROR, error);
    }
    return types;
  }

  /**
   * An expression.
   *
   * @param eventType null where {@code event} may be anything
   * @throws InvalidExpressionException with everything that is wrong with it
   */
  Expression compile(String source, @Nullable EventType eventType, Scope scope) {
    if (source.isBlank()) {
      throw invalid("the expression is empty");
    }
    int length = source.codePointCount(0, source.length());
    if (length > MAX_CODE_POINTS) {
      throw invalid(
          "the expression has %d characters, %d are allowed".formatted(length, MAX_CODE_POINTS));
    }
    CelAbstractSyntaxTree parsed = tree(PARSER.parse(source), scope);
    Map<String, Pattern> patterns = bounded(parsed);
    Paths paths = Paths.of(parsed);
    refuseUnknownFields(META, META_FIELDS, parsed, paths);
    if (scope.errors()) {
      refuseUnknownFields(ERROR, ERROR_FIELDS, parsed, paths);
    }
    Reads reads = Reads.of(parsed, scope);
    // What runs knows no types: an event is JSON, whatever its schema says.
    CelAbstractSyntaxTree checked = tree(checker.check(parsed), scope);
    CelType result = eventType == null ? checked.getResultType() : eventType.check(parsed, paths);
    try {
      return new Expression(source, RUNTIME.createProgram(checked), result, patterns, paths, reads);
    } catch (CelEvaluationException e) {
      throw invalid(String.valueOf(e.getMessage()));
    }
  }

  private static void refuseUnknownFields(
      String variable,
      ImmutableMap<String, CelType> fields,
      CelAbstractSyntaxTree tree,
      Paths paths) {
    boolean isVariableOfLoop =
        CelNavigableAst.fromAst(tree)
            .getRoot()
            .allNodes()
            .map(CelNavigableExpr::expr)
            .filter(node -> node.getKind() == Kind.COMPREHENSION)
            .anyMatch(node -> node.comprehension().iterVar().equals(variable));
    List<Problem> problems =
        paths.all().stream()
            .filter(path -> path.owner().equals(variable) && !fields.containsKey(path.field()))
            .map(Paths.Path::field)
            .distinct()
            .flatMap(field -> paths.unguarded(variable, field).stream())
            .map(path -> Messages.unknownField(path, fields.keySet().asList()))
            .map(detail -> new Problem("", detail))
            .toList();
    if (!problems.isEmpty() && !isVariableOfLoop) {
      throw new InvalidExpressionException(problems);
    }
  }

  private static CelAbstractSyntaxTree tree(CelValidationResult result, Scope scope) {
    if (result.hasError()) {
      throw invalid(result.getErrors(), scope);
    }
    try {
      return result.getAst();
    } catch (CelValidationException e) {
      throw invalid(e.getErrors(), scope);
    }
  }

  private static InvalidExpressionException invalid(List<CelIssue> issues, Scope scope) {
    return new InvalidExpressionException(
        issues.stream()
            .map(issue -> new Problem("", Messages.ofIssue(issue, scope.variables())))
            .distinct()
            .toList());
  }

  /** Checks what CEL leaves unbounded, and compiles the regular expressions that stand in it. */
  private static Map<String, Pattern> bounded(CelAbstractSyntaxTree tree) {
    CelNavigableExpr root = CelNavigableAst.fromAst(tree).getRoot();
    if (root.height() >= MAX_TREE_DEPTH) {
      throw invalid(
          "the expression is nested %d levels deep, with its macros expanded; fewer than %d are allowed"
              .formatted(root.height(), MAX_TREE_DEPTH));
    }
    if (loopNesting(root.expr()) > MAX_LOOP_NESTING) {
      throw invalid(
          "loops (all, exists, exists_one, filter, map) may stand %d deep in one another"
              .formatted(MAX_LOOP_NESTING));
    }
    Map<String, Pattern> patterns = new HashMap<>();
    root.allNodes()
        .map(CelNavigableExpr::expr)
        .filter(node -> node.getKind() == Kind.CALL && node.call().function().equals("matches"))
        .map(node -> node.call().args().getLast())
        .filter(Language::isText)
        .map(argument -> argument.constant().stringValue())
        .forEach(
            pattern -> {
              try {
                patterns.put(pattern, TextFunctions.compile(pattern));
              } catch (IllegalArgumentException e) {
                throw invalid(String.valueOf(e.getMessage()));
              }
            });
    return patterns;
  }

  static boolean isText(CelExpr node) {
    return node.getKind() == Kind.CONSTANT
        && node.constant().getKind() == CelConstant.Kind.STRING_VALUE;
  }

  /** How deep loops stand in the bodies of loops; one that only feeds another is not in it. */
  private static int loopNesting(CelExpr node) {
    return switch (node.getKind()) {
      case COMPREHENSION -> {
        CelExpr.CelComprehension loop = node.comprehension();
        int body =
            Math.max(
                Math.max(loopNesting(loop.loopCondition()), loopNesting(loop.loopStep())),
                Math.max(loopNesting(loop.accuInit()), loopNesting(loop.result())));
        yield Math.max(1 + body, loopNesting(loop.iterRange()));
      }
      case SELECT -> loopNesting(node.select().operand());
      case CALL ->
          Math.max(
              node.call().target().map(Language::loopNesting).orElse(0),
              deepest(node.call().args()));
      case LIST -> deepest(node.list().elements());
      case MAP ->
          node.map().entries().stream()
              .mapToInt(entry -> Math.max(loopNesting(entry.key()), loopNesting(entry.value())))
              .max()
              .orElse(0);
      case STRUCT ->
          node.struct().entries().stream()
              .mapToInt(entry -> loopNesting(entry.value()))
              .max()
              .orElse(0);
      case CONSTANT, IDENT, NOT_SET -> 0;
    };
  }

  private static int deepest(List<CelExpr> nodes) {
    return nodes.stream().mapToInt(Language::loopNesting).max().orElse(0);
  }

  private static InvalidExpressionException invalid(String detail) {
    return new InvalidExpressionException(List.of(new Problem("", detail)));
  }

  /** Where no type has a name. */
  private static final class NoTypes implements CelTypeProvider {
    @Override
    public ImmutableCollection<CelType> types() {
      return ImmutableList.of();
    }

    @Override
    public Optional<CelType> findType(String name) {
      return Optional.empty();
    }
  }
}
