package dev.areaflow.topology.rules;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;

/** JSON values whose numbers are equal by their size and not by how they are written. */
final class JsonNumbers {
  static final Comparator<JsonNode> COMPARATOR =
      (one, other) ->
          one.isNumber() && other.isNumber()
              ? one.decimalValue().compareTo(other.decimalValue())
              : one.equals(other) ? 0 : 1;

  private JsonNumbers() {}
}
