package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.schemas.rows.RulePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An AREA as its owner wrote it.
 *
 * @param name unique per owner
 * @param actions what it waits for; each has an id where there are several
 * @param when CEL that must hold; null where every event matches
 * @param rule what it makes of the events that match; null where each makes a run
 * @param reactions what it does, in this order
 * @param onError what is done when that failed; empty for nothing
 * @param concurrency how its runs go on beside one another
 * @param enabled whether it shall fire; null where the document does not say
 */
record Definition(
    String name,
    List<ActionUse> actions,
    @Nullable String when,
    @Nullable RuleUse rule,
    List<StepUse> reactions,
    List<StepUse> onError,
    Concurrency concurrency,
    @Nullable Boolean enabled) {
  Definition {
    actions = List.copyOf(actions);
    reactions = List.copyOf(reactions);
    onError = List.copyOf(onError);
  }

  /** Whether it waits for several actions. */
  boolean isOfSeveral() {
    return actions.size() > 1;
  }

  /** Where an action stands in the document. */
  String pointer(int action) {
    return isOfSeveral() ? "/actions/" + action : "/action";
  }

  /**
   * An action of an AREA.
   *
   * @param id unique within its AREA; empty of the only one
   * @param inputs a JSON object; null where those of the named hook are meant
   * @param hook an existing hook to listen to; null for one of its own, or a shared one
   * @param connection name of the account that is listened with; null where none is needed
   * @param first how many of what there is already become events, the newest
   */
  record ActionUse(
      String id,
      String service,
      String action,
      @Nullable JsonNode inputs,
      @Nullable UUID hook,
      @Nullable String connection,
      int first) {

    /** The inputs that the document gives, none where it leaves them to a hook. */
    Optional<JsonNode> givenInputs() {
      return Optional.ofNullable(inputs);
    }

    private ActionUse with(JsonNode ofHook) {
      return new ActionUse(id, service, action, ofHook, hook, connection, first);
    }

    private ObjectNode toJson() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      if (!id.isEmpty()) {
        json.put("id", id);
      }
      json.put("service", service);
      json.put("action", action);
      givenInputs().ifPresent(given -> json.set("inputs", given));
      if (connection != null) {
        json.put("connection", connection);
      }
      if (first > 0) {
        json.put("first", first);
      }
      if (hook != null) {
        json.put("hook", hook.toString());
      }
      return json;
    }
  }

  /**
   * The rule with memory of an AREA.
   *
   * @param by CEL whose value's events it keeps apart; null where it takes all together
   * @param json as it was written
   */
  record RuleUse(RulePlan plan, @Nullable String by, JsonNode json) {}

  /**
   * How the runs of an AREA go on beside one another.
   *
   * @param queue how many may wait while one goes on; null where they go on side by side
   * @param json as it was written; null where it was not
   */
  record Concurrency(@Nullable Integer queue, @Nullable JsonNode json) {}

  /**
   * This definition with the inputs of the hooks that it listens to.
   *
   * @param inputs of each action, in their order
   */
  Definition withInputs(List<JsonNode> inputs) {
    List<ActionUse> listening = new ArrayList<>();
    for (int i = 0; i < actions.size(); i++) {
      listening.add(actions.get(i).with(inputs.get(i)));
    }
    return new Definition(name, listening, when, rule, reactions, onError, concurrency, enabled);
  }

  /** The definition as it is kept and shown: without what belongs to the row. */
  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", name);
    if (isOfSeveral()) {
      actions.forEach(action -> json.withArray("actions").add(action.toJson()));
    } else {
      json.set("action", actions.getFirst().toJson());
    }
    if (when != null) {
      json.put("when", when);
    }
    if (rule != null) {
      json.set("rule", rule.json());
    }
    json.set("reactions", StepUse.toJson(reactions));
    if (!onError.isEmpty()) {
      json.set("onError", StepUse.toJson(onError));
    }
    if (concurrency.json() != null) {
      json.set("concurrency", concurrency.json());
    }
    return json;
  }
}
