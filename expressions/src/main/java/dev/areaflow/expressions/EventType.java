package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.areaflow.expressions.Shape.Kind;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelMutableAst;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelMutableExpr;
import dev.cel.common.ast.CelMutableExpr.CelMutableSelect;
import dev.cel.common.navigation.CelNavigableMutableAst;
import dev.cel.common.navigation.CelNavigableMutableExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The type of {@code event} that a JSON Schema declares. Objects with named fields are structures,
 * others maps; whatever the schema leaves open is dynamic, and so is {@code number}, since a whole
 * number may stand there. An object that names fields and does not say otherwise has no others.
 *
 * <p>Types are made as an expression asks for them, so neither the size of a schema nor its cycles
 * matter.
 */
final class EventType {
  private static final int MAX_LIST_NESTING = 8;

  private final JsonNode root;

  EventType(JsonNode schema) {
    this.root = schema;
  }

  /** One check of one expression; to be used once. */
  Check check(CelAbstractSyntaxTree tree) {
    return new Check(Paths.of(tree));
  }

  /**
   * The tree with {@code a['b']} as {@code a.b}: both are the same for JSON, but CEL's checker
   * knows only the latter of a structure.
   */
  static CelAbstractSyntaxTree withSelectionsOfIndexes(CelAbstractSyntaxTree tree) {
    CelMutableAst copy = CelMutableAst.fromCelAst(tree);
    List<CelMutableExpr> nodes =
        CelNavigableMutableAst.fromAst(copy)
            .getRoot()
            .allNodes()
            .map(CelNavigableMutableExpr::expr)
            .collect(Collectors.toCollection(ArrayList::new));
    for (CelMutableExpr node : nodes) {
      if (node.getKind() == CelExpr.ExprKind.Kind.CALL
          && node.call().function().equals("_[_]")
          && node.call().args().size() == 2
          && isText(node.call().args().get(1))) {
        List<CelMutableExpr> arguments = node.call().args();
        node.setSelect(
            CelMutableSelect.create(
                arguments.getFirst(), arguments.getLast().constant().stringValue()));
      }
    }
    // The copy alone would lose where its nodes stand in the source.
    return CelAbstractSyntaxTree.newParsedAst(copy.toParsedAst().getExpr(), tree.getSource());
  }

  private static boolean isText(CelMutableExpr node) {
    return node.getKind() == CelExpr.ExprKind.Kind.CONSTANT
        && node.constant().getKind() == CelConstant.Kind.STRING_VALUE;
  }

  /**
   * The types that one expression meets. It answers for every field that the expression reads, and
   * notes those that the schema does not have, so that all of them are found at once.
   */
  @SuppressWarnings("Immutable") // it lives as long as the check that it takes notes of
  final class Check implements CelTypeProvider {
    private final Paths paths;
    private final Set<String> namesRead;
    private final Shapes shapes = new Shapes(root);
    private final Map<String, StructType> structures = new HashMap<>();
    private final IdentityHashMap<JsonNode, CelType> known = new IdentityHashMap<>();
    private final Set<Unknown> unknown = new LinkedHashSet<>();

    private Check(Paths paths) {
      this.paths = paths;
      this.namesRead =
          paths.all().stream().map(Paths.Path::field).collect(Collectors.toUnmodifiableSet());
      structures.put(Language.META_TYPE.name(), Language.META_TYPE);
    }

    private record Unknown(String field, List<String> known) {}

    /** The type of the variable {@code event}. */
    CelType type() {
      return type(root, "event", 0);
    }

    @Override
    public ImmutableCollection<CelType> types() {
      return ImmutableList.copyOf(structures.values());
    }

    @Override
    public Optional<CelType> findType(String name) {
      return Optional.ofNullable(structures.get(name));
    }

    /** The fields that were asked for and are not there. */
    List<Problem> problems() {
      return unknown.stream()
          .flatMap(
              missing ->
                  paths.find(missing.field()).stream()
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

    @SuppressWarnings("Immutable") // as above
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
      ImmutableSet<String> names =
          ImmutableSet.<String>builder().addAll(shape.fields().keySet()).addAll(namesRead).build();
      structures.put(
          name,
          StructType.create(
              name, names, field -> Optional.of(fieldType(shape, path, field, nesting))));
      return StructTypeReference.create(name);
    }

    private CelType fieldType(Shape shape, String path, String field, int nesting) {
      JsonNode schema = shape.fields().get(field);
      if (schema != null) {
        return type(schema, path + "." + field, 0);
      }
      if (!shape.open()) {
        unknown.add(new Unknown(field, List.copyOf(shape.fields().keySet())));
        return SimpleType.DYN;
      }
      return type(Shape.anyOf(shape.otherFields()), path + "." + field, nesting + 1);
    }
  }
}
