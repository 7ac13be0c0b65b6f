package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.areas.Definition.ActionUse;
import dev.areaflow.api.areas.Definition.Concurrency;
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
  private static final int MOST_ACTIONS = 8;
  private static final int MOST_FIRST = 50;
  private static final int DEFAULT_QUEUE = 1_000;
  private static final int LONGEST_QUEUE = 10_000;
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
    return new DefinitionReader(violations).read(document, ignored);
  }

  private Definition read(JsonNode document, Set<String> ignored) {
    Fields fields = new Fields(document, "", violations);
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
    StepsReader steps = new StepsReader(document, violations);
    List<StepUse> reactions = steps.reactions(fields);
    List<StepUse> onError = steps.onError(fields);
    steps.checkCount();
    Concurrency concurrency = concurrency(fields);
    @Nullable Boolean enabled = fields.flag("enabled").orElse(null);
    fields.refuseOthers(ignored);
    return new Definition(name, actions, when, rule, reactions, onError, concurrency, enabled);
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

  private Concurrency concurrency(Fields fields) {
    Optional<JsonNode> node = fields.find("concurrency");
    if (node.isEmpty()) {
      return new Concurrency(null, null);
    }
    if (node.get().isObject()) {
      return new Concurrency(queue(node.get()), node.get());
    }
    violations.check(
        Set.of("parallel", "serial").contains(node.get().asText()),
        "/concurrency",
        "Expected \"parallel\", \"serial\" or {\"serial\": {\"queue\": 100}}.");
    return new Concurrency(node.get().asText().equals("serial") ? DEFAULT_QUEUE : null, node.get());
  }

  private int queue(JsonNode node) {
    Fields fields = new Fields(node, "/concurrency", violations);
    Optional<JsonNode> given = fields.find("serial");
    violations.check(
        given.isPresent(), "/concurrency/serial", "Expected an object, found nothing.");
    Fields serial =
        new Fields(
            given.orElseGet(() -> JsonNodeFactory.instance.objectNode()),
            "/concurrency/serial",
            violations);
    int queue =
        serial.find("queue").isPresent() ? serial.number("queue", 1, LONGEST_QUEUE) : DEFAULT_QUEUE;
    serial.refuseOthers(Set.of());
    fields.refuseOthers(Set.of());
    return queue;
  }
}
