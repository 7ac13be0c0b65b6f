package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.schemas.rows.Plan;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One entry of an AREA's reactions as its owner wrote it: a reaction, or a choice of some. */
sealed interface StepUse {
  /** Unique within its AREA. */
  String id();

  /** Where it stands in the document, as a JSON pointer. */
  String pointer();

  /** CEL that must hold; null where none is given. */
  @Nullable String when();

  /** The entry as it was written, with its id. */
  ObjectNode toJson();

  /**
   * A reaction.
   *
   * @param connection name of the account that it is done with; null where none is needed
   * @param inputs a JSON object whose texts may hold {@code ${…}}
   */
  record ReactionUse(
      String id,
      String pointer,
      String service,
      String reaction,
      @Nullable String connection,
      JsonNode inputs,
      Handling handling)
      implements StepUse {
    @Override
    public @Nullable String when() {
      return handling.when();
    }

    @Override
    public ObjectNode toJson() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("id", id);
      json.put("service", service);
      if (connection != null) {
        json.put("connection", connection);
      }
      json.put("reaction", reaction);
      json.set("inputs", inputs);
      json.setAll(handling.written());
      if (!handling.handlers().isEmpty()) {
        json.putObject("onFailure").set("run", StepUse.toJson(handling.handlers()));
      }
      return json;
    }
  }

  /**
   * When a reaction begins and how it is carried out; each as in {@link Plan.Flow}.
   *
   * @param handlers what is done when it failed; empty where its failure means something else
   * @param written the fields of the document that say all this, but for the handlers
   */
  record Handling(
      @Nullable String when,
      Plan.@Nullable Delay delay,
      Plan.@Nullable Retry retry,
      @Nullable Duration timeout,
      Plan.@Nullable OnFailure onFailure,
      List<StepUse> handlers,
      Plan.@Nullable ForEach forEach,
      boolean atMostOnce,
      ObjectNode written) {
    public Handling {
      handlers = List.copyOf(handlers);
    }
  }

  /** A choice: of its branches the first is taken whose condition holds. */
  record ChoiceUse(String id, String pointer, @Nullable String when, List<Branch> branches)
      implements StepUse {
    public ChoiceUse {
      branches = List.copyOf(branches);
    }

    @Override
    public ObjectNode toJson() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("id", id);
      if (when != null) {
        json.put("when", when);
      }
      ArrayNode choose = json.putArray("choose");
      for (Branch branch : branches) {
        ObjectNode branchJson = choose.addObject();
        if (branch.when() != null) {
          branchJson.put("when", branch.when());
        }
        branchJson.set("reactions", StepUse.toJson(branch.reactions()));
      }
      return json;
    }
  }

  /**
   * A branch of a choice.
   *
   * @param when CEL that must hold; null where it is taken if no other is
   */
  record Branch(@Nullable String when, List<StepUse> reactions) {
    public Branch {
      reactions = List.copyOf(reactions);
    }
  }

  /** These entries as they were written. */
  static ArrayNode toJson(List<StepUse> uses) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    uses.forEach(use -> json.add(use.toJson()));
    return json;
  }
}
