package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.areas.Definition.ActionUse;
import dev.areaflow.api.areas.Definition.ReactionUse;
import dev.areaflow.api.areas.Definition.RuleUse;
import dev.areaflow.api.http.Violations;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a posted document as a definition: its shape and bounds, not yet what it names. */
final class DefinitionReader {
  /** What an answer shows beside the definition; taken and ignored, so that it can be sent back. */
  static final Set<String> READ_ONLY =
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

  private static final int MOST_NAME_CHARACTERS = 200;
  private static final int MOST_REACTIONS = 50;
  private static final int MOST_ACTIONS = 8;
  private static final int MOST_FIRST = 50;
  private static final ActionUse STAND_IN =
      new ActionUse("", "", "", JsonNodeFactory.instance.objectNode(), null, null, 0);
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private final Violations violations;

  private DefinitionReader(Violations violations) {
    this.violations = violations;
  }

  /**
   * Reads a document. Where violations are noted, the definition holds stand-ins.
   *
   * @param ignored fields of the document that are taken and ignored
   */
  static Definition read(JsonNode document, Set<String> ignored, Violations violations) {
    return new DefinitionReader(violations).read(new Fields(document, "", violations), ignored);
  }

  private Definition read(Fields fields, Set<String> ignored) {
    String name = fields.requiredText("name");
    if (fields.find("name").isPresent()) {
      violations.check(
          !name.isBlank() && name.codePointCount(0, name.length()) <= MOST_NAME_CHARACTERS,
          "/name",
          "Expected 1 to " + MOST_NAME_CHARACTERS + " characters.");
    }
    List<ActionUse> actions = actions(fields);
    @Nullable String when = fields.text("when").orElse(null);
    @Nullable RuleUse rule =
        fields
            .find("rule")
            .map(node -> RuleReader.read(node, ids(actions), violations))
            .orElse(null);
    List<ReactionUse> reactions = reactions(fields);
    @Nullable Boolean enabled = fields.flag("enabled").orElse(null);
    fields.refuseOthers(ignored);
    return new Definition(name, actions, when, rule, reactions, enabled);
  }

  private static List<String> ids(List<ActionUse> actions) {
    return actions.stream().map(ActionUse::id).filter(id -> !id.isEmpty()).toList();
  }

  private List<ActionUse> actions(Fields fields) {
    Optional<JsonNode> one = fields.find("action");
    Optional<JsonNode> several = fields.find("actions");
    if (several.isPresent()) {
      violations.check(one.isEmpty(), "/action", "Expected none beside /actions.");
      return several(several.get());
    }
    if (one.isEmpty()) {
      violations.add("/action", "Expected an object, found nothing.");
      return List.of(STAND_IN);
    }
    return List.of(action("", new Fields(one.get(), "/action", violations)));
  }

  private List<ActionUse> several(JsonNode array) {
    if (!array.isArray() || array.size() < 2 || array.size() > MOST_ACTIONS) {
      violations.add(
          "/actions",
          "Expected an array of 2 to "
              + MOST_ACTIONS
              + " actions; a single one is written as /action.");
      return List.of(STAND_IN);
    }
    Set<String> used = new HashSet<>();
    List<ActionUse> actions = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      Fields action = new Fields(array.get(i), "/actions/" + i, violations);
      String id = action.requiredText("id");
      if (!id.isEmpty()) {
        violations.check(
            ID.matcher(id).matches(),
            action.pointer("id"),
            "Expected 1 to 64 letters, digits, hyphens or underscores.");
        violations.check(used.add(id), action.pointer("id"), "Another action has this id already.");
      }
      actions.add(action(id, action));
    }
    return actions;
  }

  private ActionUse action(String name, Fields action) {
    String service = action.requiredText("service");
    String id = action.requiredText("action");
    @Nullable UUID hook = action.text("hook").map(text -> hookId(text, action)).orElse(null);
    @Nullable JsonNode inputs =
        action.object("inputs").orElse(hook == null ? JsonNodeFactory.instance.objectNode() : null);
    @Nullable String connection = action.text("connection").orElse(null);
    int first = action.number("first", MOST_FIRST);
    violations.check(
        first == 0 || hook == null,
        action.pointer("first"),
        "Expected none beside a hook, which was begun already.");
    action.refuseOthers(Set.of());
    return new ActionUse(name, service, id, inputs, hook, connection, first);
  }

  private @Nullable UUID hookId(String text, Fields action) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      violations.add(action.pointer("hook"), "Expected the id of a hook.");
      return null;
    }
  }

  private List<ReactionUse> reactions(Fields fields) {
    JsonNode array = fields.find("reactions").orElseGet(() -> JsonNodeFactory.instance.arrayNode());
    if (!array.isArray() || array.isEmpty() || array.size() > MOST_REACTIONS) {
      violations.add("/reactions", "Expected an array of 1 to " + MOST_REACTIONS + " reactions.");
      return List.of();
    }
    Set<String> given = new HashSet<>();
    array.forEach(reaction -> given.add(reaction.path("id").asText()));
    Set<String> used = new HashSet<>();
    List<ReactionUse> reactions = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      Fields reaction = new Fields(array.get(i), "/reactions/" + i, violations);
      String id = reaction.text("id").orElse("");
      if (reaction.find("id").isEmpty()) {
        id = freeId(i, given);
        given.add(id);
      } else if (reaction.text("id").isPresent()) {
        violations.check(
            ID.matcher(id).matches(),
            reaction.pointer("id"),
            "Expected 1 to 64 letters, digits, hyphens or underscores.");
        violations.check(
            used.add(id), reaction.pointer("id"), "Another reaction has this id already.");
      }
      String service = reaction.requiredText("service");
      String name = reaction.requiredText("reaction");
      JsonNode inputs =
          reaction.object("inputs").orElseGet(() -> JsonNodeFactory.instance.objectNode());
      @Nullable String connection = reaction.text("connection").orElse(null);
      reaction.refuseOthers(Set.of());
      reactions.add(new ReactionUse(id, service, name, connection, inputs));
    }
    return reactions;
  }

  private static String freeId(int index, Set<String> taken) {
    String id = "r" + (index + 1);
    while (taken.contains(id)) {
      id += "_";
    }
    return id;
  }
}
