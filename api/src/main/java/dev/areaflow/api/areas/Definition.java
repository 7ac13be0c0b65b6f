package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.schemas.rows.RulePlan;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An AREA as its owner wrote it.
 *
 * @param name unique per owner
 * @param action what it waits for
 * @param when CEL that must hold; null where every event matches
 * @param rule what it makes of the events that match; null where each makes a run
 * @param reactions what it does, in this order
 * @param enabled whether it shall fire; null where the document does not say
 */
record Definition(
    String name,
    ActionUse action,
    @Nullable String when,
    @Nullable RuleUse rule,
    List<ReactionUse> reactions,
    @Nullable Boolean enabled) {
  Definition {
    reactions = List.copyOf(reactions);
  }

  /**
   * The action of an AREA.
   *
   * @param inputs a JSON object; null where those of the named hook are meant
   * @param hook an existing hook to listen to; null for one of its own, or a shared one
   * @param connection name of the account that is listened with; null where none is needed
   * @param first how many of what there is already become events, the newest
   */
  record ActionUse(
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
  }

  /**
   * The rule with memory of an AREA.
   *
   * @param by CEL whose value's events it keeps apart; null where it takes all together
   * @param json as it was written
   */
  record RuleUse(RulePlan plan, @Nullable String by, JsonNode json) {}

  /**
   * One reaction of an AREA.
   *
   * @param id unique within its AREA
   * @param connection name of the account that it is done with; null where none is needed
   * @param inputs a JSON object whose texts may hold {@code ${…}}
   */
  record ReactionUse(
      String id, String service, String reaction, @Nullable String connection, JsonNode inputs) {}

  /** This definition with the inputs of the hook that it listens to. */
  Definition withInputs(JsonNode inputs) {
    return new Definition(
        name,
        new ActionUse(
            action.service(),
            action.action(),
            inputs,
            action.hook(),
            action.connection(),
            action.first()),
        when,
        rule,
        reactions,
        enabled);
  }

  /** The definition as it is kept and shown: without what belongs to the row. */
  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", name);
    ObjectNode actionJson = json.putObject("action");
    actionJson.put("service", action.service());
    actionJson.put("action", action.action());
    action.givenInputs().ifPresent(inputs -> actionJson.set("inputs", inputs));
    if (action.connection() != null) {
      actionJson.put("connection", action.connection());
    }
    if (action.first() > 0) {
      actionJson.put("first", action.first());
    }
    if (action.hook() != null) {
      actionJson.put("hook", action.hook().toString());
    }
    if (when != null) {
      json.put("when", when);
    }
    if (rule != null) {
      json.set("rule", rule.json());
    }
    for (ReactionUse reaction : reactions) {
      ObjectNode reactionJson = json.withArray("reactions").addObject();
      reactionJson.put("id", reaction.id());
      reactionJson.put("service", reaction.service());
      if (reaction.connection() != null) {
        reactionJson.put("connection", reaction.connection());
      }
      reactionJson.put("reaction", reaction.reaction());
      reactionJson.set("inputs", reaction.inputs());
    }
    return json;
  }
}
