package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.areaflow.expressions.Shape.Kind;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import dev.cel.compiler.CelCompiler;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The type of {@code event} that a JSON Schema declares, and that of {@code meta}. Objects with
 * named fields are structures, others maps; whatever the schema leaves open is dynamic, and so is
 * {@code number}, since a whole number may stand there. An object that names fields and does not
 * say otherwise has no others.
 *
 * <p>Types are made as an expression asks for them, so neither the size of a schema nor its cycles
 * matter. It checks one expression after the other, with one compiler; for one thread.
 */
final class EventType {
  private static final int MAX_LIST_NESTING = 8;

  /** Loops stand at most two deep in one another, and other uses of maps can be seen at once. */
  private static final int MOST_LOOSENINGS = 8;

  private final JsonNode root;
  private final Shapes shapes;
  private final CelCompiler compiler;
  private Types types;

  EventType(JsonNode schema) {
    this.root = schema;
    this.shapes = new Shapes(schema);
    this.types = new Types(new Paths(List.of()));
    this.compiler = Language.compiler(types.event(), Types.META, new Current());
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
      types = new Types(paths);
      // Names the structures that the compiler's variables refer to.
      var _ = types.event();
      CelValidationResult result = compiler.check(tree.toAst());
      if (loosenings < MOST_LOOSENINGS && tree.loosen(result.getErrors())) {
        continue;
      }
      return type(result, types.problems());
    }
  }

  private static CelType type(CelValidationResult result, List<Problem> unknownFields) {
    List<Problem> problems = new ArrayList<>(unknownFields);
    for (CelIssue issue : result.getErrors()) {
      problems.add(new Problem("", Messages.ofIssue(issue)));
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
      return ImmutableList.copyOf(types.structures.values());
    }

    @Override
    public Optional<CelType> findType(String name) {
      return Optional.ofNullable(types.structures.get(name));
    }
  }

  /**
   * The types that one expression meets. They answer for every field that the expression reads, and
   * note those that the schema does not have, so that all of them are found at once.
   */
  private final class Types {
    private static final CelType META = StructTypeReference.create("object(meta)");

    private final Paths paths;
    private final ImmutableSet<String> namesRead;
    private final Map<String, StructType> structures = new HashMap<>();
    private final IdentityHashMap<JsonNode, CelType> known = new IdentityHashMap<>();
    private final Set<Unknown> unknown = new LinkedHashSet<>();

    private Types(Paths paths) {
      this.paths = paths;
      this.namesRead =
          paths.all().stream().map(Paths.Path::field).collect(ImmutableSet.toImmutableSet());
      structures.put(
          META.name(), structure(META.name(), Language.META_FIELDS.keySet(), Types::metaType));
    }

    private record Unknown(String owner, String field, List<String> known) {}

    /** Fields that it does not have only stand in guards: the others were refused before. */
    private static CelType metaType(String field) {
      return Language.META_FIELDS.getOrDefault(field, SimpleType.DYN);
    }

    /** The type of the variable {@code event}. */
    private CelType event() {
      return type(root, "event", 0);
    }

    /** The fields that were asked for, are not there, and are needed. */
    private List<Problem> problems() {
      return unknown.stream()
          .flatMap(
              missing ->
                  paths.unguarded(missing.owner(), missing.field()).stream()
                      .map(path -> Messages.unknownField(path, missing.known())))
          .map(detail -> new Problem("", detail))
          .toList();
    }

    private CelType type(JsonNode described, String path, int nesting) {
      JsonNode schema = shapes.referred(described);
      CelType type = known.get(schema);
      if (type == null) {
        type = type(shapes.of(schema), path, nesting);
        known.put(schema, type);
      }
      return type;
    }

    private CelType type(Shape shape, String path, int nesting) {
      if (!shape.says() || nesting > MAX_LIST_NESTING) {
        return SimpleType.DYN;
      }
      EnumSet<Kind> kinds = EnumSet.copyOf(shape.kinds());
      boolean nullable = kinds.remove(Kind.NULL);
      if (kinds.size() != 1) {
        return SimpleType.DYN;
      }
      return switch (kinds.iterator().next()) {
        case NULL, NUMBER -> SimpleType.DYN;
        case BOOLEAN -> orNull(SimpleType.BOOL, nullable);
        case INTEGER -> orNull(SimpleType.INT, nullable);
        case STRING -> orNull(SimpleType.STRING, nullable);
        case ARRAY ->
            nullable
                ? SimpleType.DYN
                : ListType.create(type(Shape.anyOf(shape.elements()), path + "[]", nesting + 1));
        case OBJECT -> object(shape, path, nullable, nesting);
      };
    }

    private static CelType orNull(CelType type, boolean nullable) {
      return nullable ? NullableType.create(type) : type;
    }

    private CelType object(Shape shape, String path, boolean nullable, int nesting) {
      if (shape.fields().isEmpty()) {
        return nullable
            ? SimpleType.DYN
            : MapType.create(
                SimpleType.STRING,
                type(Shape.anyOf(shape.otherFields()), path + "[]", nesting + 1));
      }
      // In brackets, so that no expression can name the type.
      String name = "object(" + path + ")";
      structures.put(
          name,
          structure(
              name, shape.fields().keySet(), field -> fieldType(shape, path, field, nesting)));
      return StructTypeReference.create(name);
    }

    @SuppressWarnings("Immutable") // as above
    private StructType structure(String name, Set<String> fields, Function<String, CelType> types) {
      ImmutableSet<String> names =
          ImmutableSet.<String>builder().addAll(fields).addAll(namesRead).build();
      return StructType.create(name, names, field -> Optional.of(types.apply(field)));
    }

    private CelType fieldType(Shape shape, String path, String field, int nesting) {
      JsonNode schema = shape.fields().get(field);
      if (schema != null) {
        return type(schema, path + "." + field, 0);
      }
      if (!shape.open()) {
        unknown.add(new Unknown(path, field, List.copyOf(shape.fields().keySet())));
        return SimpleType.DYN;
      }
      return type(Shape.anyOf(shape.otherFields()), path + "." + field, nesting + 1);
    }
  }
}
