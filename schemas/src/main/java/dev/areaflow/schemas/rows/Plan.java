package dev.areaflow.schemas.rows;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the topology executes for an AREA: its definition, checked against the manifests and freed
 * of everything that only they know.
 *
 * @param service service of the action; empty where there are several
 * @param action the action; empty where there are several
 * @param condition CEL that must hold; null where every event matches
 * @param rule what it makes of the events that match; null where each makes a run
 * @param by CEL whose value's events the rule keeps apart; null where it takes all together
 * @param steps one for each reaction, in their order
 * @param onError what is done when a run has failed, in their order; empty for nothing
 * @param serial how many runs may wait while one goes on; null where runs go on side by side
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Plan(
    String service,
    String action,
    @Nullable String condition,
    @Nullable RulePlan rule,
    @Nullable String by,
    List<Step> steps,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Step> onError,
    @Nullable Integer serial) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  public Plan {
    steps = List.copyOf(steps);
    onError = onError == null ? List.of() : List.copyOf(onError);
  }

  /** A plan that does nothing more about failures, and whose runs go on side by side. */
  public Plan(
      String service,
      String action,
      @Nullable String condition,
      @Nullable RulePlan rule,
      @Nullable String by,
      List<Step> steps) {
    this(service, action, condition, rule, by, steps, List.of(), null);
  }

  /** A plan without a rule. */
  public Plan(String service, String action, @Nullable String condition, List<Step> steps) {
    this(service, action, condition, null, null, steps);
  }

  /** Every step, those of {@link #onError} last. */
  public List<Step> all() {
    return Stream.concat(steps.stream(), onError.stream()).toList();
  }

  /**
   * One reaction, or one choice between branches; those within branches and after failures stand in
   * the same list.
   *
   * @param id the reaction's id within its AREA
   * @param service service id; empty of a choice
   * @param reaction reaction id; empty of a choice
   * @param connectionId the connection to use; null where the service needs none
   * @param inputs a JSON object whose texts may hold {@code ${…}} templates
   * @param urlInputs names of the inputs that are URLs: their values are percent-encoded
   * @param flow when it begins and how it is carried out; null where it begins with the run and is
   *     handled as usual
   * @param replaySafe whether a replay of past events carries it out without being forced to; false
   *     where the plan does not say
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Step(
      String id,
      String service,
      String reaction,
      @Nullable String connectionId,
      JsonNode inputs,
      List<String> urlInputs,
      @Nullable Flow flow,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean replaySafe) {
    public Step {
      urlInputs = List.copyOf(urlInputs);
    }

    /** A step that a replay carries out only when forced. */
    public Step(
        String id,
        String service,
        String reaction,
        @Nullable String connectionId,
        JsonNode inputs,
        List<String> urlInputs,
        @Nullable Flow flow) {
      this(id, service, reaction, connectionId, inputs, urlInputs, flow, false);
    }

    /** Such a step that begins with the run. */
    public Step(
        String id,
        String service,
        String reaction,
        @Nullable String connectionId,
        JsonNode inputs,
        List<String> urlInputs) {
      this(id, service, reaction, connectionId, inputs, urlInputs, null);
    }
  }

  /**
   * When a step begins and how it is carried out.
   *
   * @param after ids of the steps whose end it waits for
   * @param when CEL that must hold, or the step is skipped; null where all that it waits for must
   *     have succeeded
   * @param branch the branch that must have been chosen; null where it is in none
   * @param onFailureOf the step whose failure it handles; null where it handles none
   * @param choose conditions in CEL of a choice's branches, the first true counts; one that is null
   *     always holds; null of a step that is no choice
   * @param delay how long it waits once it could begin; null for not at all
   * @param retry when a failed call is made again; null for the platform's schedule
   * @param timeout the longest that a call may take; null for the executors' own limit
   * @param onFailure what its failure means for the run; null for {@link OnFailure#STOP}
   * @param forEach the list for whose items it is repeated; null where it is not
   * @param atMostOnce whether a call whose outcome is unknown is not made again
   * @param keepsOutput whether another step reads its output
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Flow(
      List<String> after,
      @Nullable String when,
      @Nullable Branch branch,
      @Nullable String onFailureOf,
      @Nullable List<@Nullable String> choose,
      @Nullable Delay delay,
      @Nullable Retry retry,
      @Nullable Duration timeout,
      @Nullable OnFailure onFailure,
      @Nullable ForEach forEach,
      boolean atMostOnce,
      boolean keepsOutput) {
    public Flow {
      after = after == null ? List.of() : List.copyOf(after);
    }
  }

  /**
   * A branch of a choice.
   *
   * @param of the choice's id
   * @param index of the branch, from 0
   */
  public record Branch(String of, int index) {}

  /**
   * Either of both.
   *
   * @param period how long
   * @param until CEL whose value is the time, a timestamp or a text in RFC 3339
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Delay(@Nullable Duration period, @Nullable String until) {}

  /**
   * @param attempts calls at most, the first included; null for as many as the platform makes
   * @param backoff before the second call; it doubles with each further one. Null for the
   *     platform's schedule
   * @param on classes of failures after which the call is made again: {@code retryable}, {@code
   *     permanent}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Retry(@Nullable Integer attempts, @Nullable Duration backoff, List<String> on) {
    public Retry {
      on = on == null ? List.of() : List.copyOf(on);
    }
  }

  /** What a step's failure means for its run. */
  public enum OnFailure {
    /** The run failed, and nothing further begins. */
    STOP,
    /** Nothing: the others go on, and the run may succeed. */
    CONTINUE,
    /** The steps that handle it begin, and decide. */
    RUN
  }

  /**
   * @param in CEL whose value is a list
   * @param concurrency calls at a time
   */
  public record ForEach(String in, int concurrency) {}

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
