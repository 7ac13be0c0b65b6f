package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.areas.Definition.ActionUse;
import dev.areaflow.api.areas.Definition.Concurrency;
import dev.areaflow.api.areas.Definition.RuleUse;
import dev.areaflow.api.http.Violations;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
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
          "createdAt",
          "updatedAt");

  private static final int MOST_NAME_CHARACTERS = 200;
  private static final int MOST_FIRST = 50;
  private static final int DEFAULT_QUEUE = 1_000;
  private static final int LONGEST_QUEUE = 10_000;

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
    ActionUse action = action(fields);
    @Nullable String when = fields.text("when").orElse(null);
    @Nullable RuleUse rule =
        fields.find("rule").map(node -> RuleReader.read(node, violations)).orElse(null);
    StepsReader steps = new StepsReader(document, violations);
    List<StepUse> reactions = steps.reactions(fields);
    List<StepUse> onError = steps.onError(fields);
    steps.checkCount();
    Concurrency concurrency = concurrency(fields);
    @Nullable Boolean enabled = fields.flag("enabled").orElse(null);
    fields.refuseOthers(ignored);
    return new Definition(name, action, when, rule, reactions, onError, concurrency, enabled);
  }

  private ActionUse action(Fields fields) {
    if (fields.find("action").isEmpty()) {
      violations.add("/action", "Expected an object, found nothing.");
      return new ActionUse("", "", JsonNodeFactory.instance.objectNode(), null, null, 0);
    }
    Fields action = new Fields(fields.find("action").orElseThrow(), "/action", violations);
    String service = action.requiredText("service");
    String id = action.requiredText("action");
    @Nullable UUID hook = action.text("hook").map(this::hookId).orElse(null);
    @Nullable JsonNode inputs =
        action.object("inputs").orElse(hook == null ? JsonNodeFactory.instance.objectNode() : null);
    @Nullable String connection = action.text("connection").orElse(null);
    int first = action.number("first", MOST_FIRST);
    violations.check(
        first == 0 || hook == null,
        "/action/first",
        "Expected none beside a hook, which was begun already.");
    action.refuseOthers(Set.of());
    return new ActionUse(service, id, inputs, hook, connection, first);
  }

  private @Nullable UUID hookId(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      violations.add("/action/hook", "Expected the id of a hook.");
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
