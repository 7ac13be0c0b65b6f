package dev.areaflow.launcher.definitions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A definition in the one form in which two that mean the same are the same: fields in the order in
 * which people read them, steps with their ids, nothing that is null where that means nothing, and
 * nothing that an answer shows beside the definition. A field that nobody knows stays where the
 * server refuses it.
 */
public final class NormalForm {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final Set<String> READ_ONLY =
      Set.of(
          "id",
          "version",
          "status",
          "statusReason",
          "needsConsent",
          "appliedVersion",
          "hook",
          "hooks",
          "memory",
          "notices",
          "createdAt",
          "updatedAt");

  private static final List<String> OF_AREA =
      List.of(
          "name",
          "enabled",
          "action",
          "actions",
          "when",
          "rule",
          "reactions",
          "onError",
          "concurrency");

  private static final List<String> OF_ACTION =
      List.of("id", "service", "action", "connection", "inputs", "first", "hook");

  private static final List<String> OF_STEP =
      List.of(
          "id",
          "when",
          "choose",
          "service",
          "reaction",
          "connection",
          "inputs",
          "forEach",
          "delay",
          "retry",
          "timeout",
          "delivery",
          "onFailure");

  private static final List<String> OF_BRANCH = List.of("when", "reactions");

  private final Set<String> given = new HashSet<>();
  private int count;

  private NormalForm(JsonNode definition) {
    definition.findValues("id").forEach(id -> given.add(id.asText()));
  }

  /**
   * The normal form of a definition, or of an AREA as the API answers it.
   *
   * @param definition whatever its fields hold; what is not as expected is left as it is
   */
  public static ObjectNode of(ObjectNode definition) {
    ObjectNode own = definition.deepCopy();
    READ_ONLY.forEach(own::remove);
    return new NormalForm(own).area(own);
  }

  private ObjectNode area(ObjectNode own) {
    ObjectNode area = ordered(own, OF_AREA);
    if (area.path("action") instanceof ObjectNode action) {
      area.set("action", action(action));
    }
    if (area.path("actions") instanceof ArrayNode actions) {
      ArrayNode several = area.putArray("actions");
      actions.forEach(each -> several.add(each instanceof ObjectNode one ? action(one) : each));
    }
    steps(area, "reactions");
    steps(area, "onError");
    return area;
  }

  private static ObjectNode action(ObjectNode written) {
    ObjectNode action = ordered(written, OF_ACTION);
    if (!action.has("inputs") && !action.has("hook")) {
      action.set("inputs", JSON.objectNode());
    }
    if (action.path("first").isIntegralNumber() && action.path("first").asInt() == 0) {
      action.remove("first");
    }
    return ordered(action, OF_ACTION);
  }

  private void steps(ObjectNode holder, String field) {
    if (holder.path(field) instanceof ArrayNode written) {
      ArrayNode steps = holder.putArray(field);
      written.forEach(each -> steps.add(each instanceof ObjectNode step ? step(step) : each));
    }
  }

  /** Ids are made as the server makes them: what names no id gets the same one everywhere. */
  private ObjectNode step(ObjectNode written) {
    count++;
    ObjectNode step = ordered(written, OF_STEP);
    if (!step.has("id")) {
      step.put("id", freeId());
    }
    if (step.path("choose") instanceof ArrayNode branches) {
      ArrayNode choose = step.putArray("choose");
      branches.forEach(each -> choose.add(each instanceof ObjectNode one ? branch(one) : each));
    } else if (!step.has("inputs")) {
      step.set("inputs", JSON.objectNode());
    }
    if (step.path("onFailure") instanceof ObjectNode onFailure) {
      steps(onFailure, "run");
    }
    return ordered(step, OF_STEP);
  }

  private ObjectNode branch(ObjectNode written) {
    ObjectNode branch = ordered(written, OF_BRANCH);
    steps(branch, "reactions");
    return branch;
  }

  private String freeId() {
    String id = "r" + count;
    while (!given.add(id)) {
      id += "_";
    }
    return id;
  }

  /** The fields that are there, these first; null is as good as absent. */
  private static ObjectNode ordered(ObjectNode object, List<String> order) {
    ObjectNode ordered = JSON.objectNode();
    for (String field : order) {
      if (object.hasNonNull(field)) {
        ordered.set(field, object.get(field));
      }
    }
    object
        .properties()
        .forEach(
            field -> {
              if (!order.contains(field.getKey())) {
                ordered.set(field.getKey(), field.getValue());
              }
            });
    return ordered;
  }
}
