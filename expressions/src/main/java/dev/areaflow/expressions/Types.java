package dev.areaflow.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.areaflow.expressions.Shape.Kind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.StructTypeReference;
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
 * The types that one expression meets. They answer for every field that the expression reads, and
 * note those that no schema has, so that all of them are found at once. For one thread.
 */
final class Types {
  static final CelType META = StructTypeReference.create("object(meta)");
  static final CelType STEPS = StructTypeReference.create("object(steps)");
  static final CelType ERROR = StructTypeReference.create("object(error)");

  private static final int MAX_LIST_NESTING = 8;

  private final Paths paths;
  private final Schema event;
  private final ImmutableSet<String> namesRead;
  private final Map<String, StructType> structures = new HashMap<>();
  private final Set<Unknown> unknown = new LinkedHashSet<>();

  private record Unknown(String owner, String field, List<String> known) {}

  /**
   * @param outputs of the steps by their ids
   * @param paths the fields that the expression reads
   */
  Types(Shapes event, ImmutableMap<String, Shapes> outputs, Paths paths) {
    this.paths = paths;
    this.event = new Schema(event);
    this.namesRead =
        paths.all().stream().map(Paths.Path::field).collect(ImmutableSet.toImmutableSet());
    addStructure(META, Language.META_FIELDS);
    addStructure(ERROR, Language.ERROR_FIELDS);
    ImmutableMap.Builder<String, CelType> steps = ImmutableMap.builder();
    outputs.forEach(
        (id, output) -> {
          CelType step = StructTypeReference.create("object(steps." + id + ")");
          steps.put(id, step);
          Schema schema = new Schema(output);
          structures.put(
              step.name(),
              structure(
                  step.name(),
                  ImmutableSet.of(Reads.STATUS, Reads.OUTPUT),
                  field ->
                      switch (field) {
                        case Reads.STATUS -> SimpleType.STRING;
                        case Reads.OUTPUT -> schema.orNull("steps." + id + ".output");
                        default -> SimpleType.DYN;
                      }));
        });
    addStructure(STEPS, steps.buildOrThrow());
  }

  /** Fields that it does not have only stand in guards: the others were refused before. */
  private void addStructure(CelType type, ImmutableMap<String, CelType> fields) {
    structures.put(
        type.name(),
        structure(
            type.name(), fields.keySet(), field -> fields.getOrDefault(field, SimpleType.DYN)));
  }

  /** The type of the variable {@code event}. */
  CelType event() {
    return event.type("event");
  }

  /** The structures met so far. */
  ImmutableList<CelType> structures() {
    return ImmutableList.copyOf(structures.values());
  }

  Optional<CelType> structure(String name) {
    return Optional.ofNullable(structures.get(name));
  }

  /** The fields that were asked for, are not there, and are needed. */
  List<Problem> problems() {
    return unknown.stream()
        .flatMap(
            missing ->
                paths.unguarded(missing.owner(), missing.field()).stream()
                    .map(path -> Messages.unknownField(path, missing.known())))
        .map(detail -> new Problem("", detail))
        .toList();
  }

  @SuppressWarnings("Immutable") // it lives as long as the check that it serves
  private StructType structure(String name, Set<String> fields, Function<String, CelType> types) {
    ImmutableSet<String> names =
        ImmutableSet.<String>builder().addAll(fields).addAll(namesRead).build();
    return StructType.create(name, names, field -> Optional.of(types.apply(field)));
  }

  /** The types that one document describes. */
  private final class Schema {
    private final Shapes shapes;
    private final IdentityHashMap<JsonNode, CelType> known = new IdentityHashMap<>();

    private Schema(Shapes shapes) {
      this.shapes = shapes;
    }

    /** The type of a value as a whole. */
    private CelType type(String path) {
      return type(shapes.root(), path, 0);
    }

    /** The type of a value that may be missing. */
    private CelType orNull(String path) {
      return type(shapes.of(shapes.referred(shapes.root())).orNull(), path, 0);
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
        case BOOLEAN -> nullable(SimpleType.BOOL, nullable);
        case INTEGER -> nullable(SimpleType.INT, nullable);
        case STRING -> nullable(SimpleType.STRING, nullable);
        case ARRAY ->
            nullable
                ? SimpleType.DYN
                : ListType.create(type(Shape.anyOf(shape.elements()), path + "[]", nesting + 1));
        case OBJECT -> object(shape, path, nullable, nesting);
      };
    }

    private static CelType nullable(CelType type, boolean nullable) {
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
