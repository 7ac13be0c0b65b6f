package dev.areaflow.schemas.rows;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the topology executes for an AREA: its definition, checked against the manifests and freed
 * of everything that only they know.
 *
 * @param service service of the action
 * @param action the action
 * @param condition CEL that must hold; null where every event matches
 * @param rule what it makes of the events that match; null where each makes a run
 * @param by CEL whose value's events the rule keeps apart; null where it takes all together
 * @param steps one for each reaction, in their order
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Plan(
    String service,
    String action,
    @Nullable String condition,
    @Nullable RulePlan rule,
    @Nullable String by,
    List<Step> steps) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  public Plan {
    steps = List.copyOf(steps);
  }

  /** A plan without a rule. */
  public Plan(String service, String action, @Nullable String condition, List<Step> steps) {
    this(service, action, condition, null, null, steps);
  }

  /**
   * One reaction.
   *
   * @param id the reaction's id within its AREA
   * @param service service id
   * @param reaction reaction id
   * @param connectionId the connection to use; null where the service needs none
   * @param inputs a JSON object whose texts may hold {@code ${…}} templates
   * @param urlInputs names of the inputs that are URLs: their values are percent-encoded
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Step(
      String id,
      String service,
      String reaction,
      @Nullable String connectionId,
      JsonNode inputs,
      List<String> urlInputs) {
    public Step {
      urlInputs = List.copyOf(urlInputs);
    }
  }

  /**
   * Reads a plan.
   *
   * @throws IllegalArgumentException if the text is not a plan
   */
  public static Plan parse(String json) {
    try {
      return JSON.readValue(json, Plan.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "expected a plan in JSON, found: " + e.getOriginalMessage(), e);
    }
  }

  /** The plan as {@link #parse} reads it. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a plan is always writable as JSON", e);
    }
  }
}
