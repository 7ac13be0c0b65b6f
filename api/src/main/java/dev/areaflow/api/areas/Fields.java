package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.http.Violations;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Reads the fields of one JSON object and notes everything that is not as expected. */
final class Fields {
  private final JsonNode object;
  private final String pointer;
  private final Violations violations;
  private final Set<String> known = new LinkedHashSet<>();

  /**
   * @param node anything; where it is no object, that is noted and it counts as empty
   * @param pointer where it stands in the document
   */
  Fields(JsonNode node, String pointer, Violations violations) {
    violations.check(node.isObject(), pointer, "Expected an object.");
    this.object = node.isObject() ? node : JsonNodeFactory.instance.objectNode();
    this.pointer = pointer;
    this.violations = violations;
  }

  /** Where the object stands. */
  String pointer() {
    return pointer;
  }

  /** The pointer of a field. */
  String pointer(String name) {
    return pointer + "/" + Json.escape(name);
  }

  /** A field, empty where it is absent or null. */
  Optional<JsonNode> find(String name) {
    known.add(name);
    return Optional.ofNullable(object.get(name)).filter(value -> !value.isNull());
  }

  /** A text that may be absent. */
  Optional<String> text(String name) {
    return find(name)
        .flatMap(
            value -> {
              violations.check(value.isTextual(), pointer(name), "Expected a text.");
              return Optional.ofNullable(value.textValue());
            });
  }

  /** A text that must be there; empty where it is not, which is noted. */
  String requiredText(String name) {
    if (find(name).isEmpty()) {
      violations.add(pointer(name), "Expected a text, found nothing.");
    }
    return text(name).orElse("");
  }

  /** A flag that may be absent. */
  Optional<Boolean> flag(String name) {
    return find(name)
        .flatMap(
            value -> {
              violations.check(value.isBoolean(), pointer(name), "Expected true or false.");
              return value.isBoolean() ? Optional.of(value.booleanValue()) : Optional.empty();
            });
  }

  /** A whole number from 0 that may be absent; 0 where it is, or is none, which is noted. */
  int number(String name, int most) {
    return number(name, 0, most);
  }

  /** A whole number; the least where it is absent, or is none that is allowed, which is noted. */
  int number(String name, int least, int most) {
    JsonNode value = find(name).orElseGet(() -> JsonNodeFactory.instance.numberNode(least));
    boolean fits =
        value.isIntegralNumber()
            && value.canConvertToInt()
            && value.intValue() >= least
            && value.intValue() <= most;
    violations.check(
        fits, pointer(name), "Expected a whole number from " + least + " to " + most + ".");
    return fits ? value.intValue() : least;
  }

  /** An object that may be absent. */
  Optional<JsonNode> object(String name) {
    return find(name)
        .map(
            value -> {
              violations.check(value.isObject(), pointer(name), "Expected an object.");
              return value.isObject() ? value : JsonNodeFactory.instance.objectNode();
            });
  }

  /** Notes every field that nobody asked for, apart from those to be ignored. */
  void refuseOthers(Set<String> ignored) {
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name) && !ignored.contains(name)) {
                violations.add(
                    pointer(name), "There is no field of this name" + Nearest.hint(name, known));
              }
            });
  }
}
