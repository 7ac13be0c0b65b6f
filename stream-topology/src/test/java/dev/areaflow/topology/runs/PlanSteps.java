package dev.areaflow.topology.runs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.schemas.rows.Plan;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Steps of plans, made up bit by bit. */
public final class PlanSteps {
  private final String id;
  private final String text;
  private List<String> after = List.of();
  private @Nullable String when;
  private Plan.@Nullable Branch branch;
  private @Nullable String handles;
  private @Nullable List<@Nullable String> choose;
  private Plan.@Nullable Delay delay;
  private Plan.@Nullable Retry retry;
  private @Nullable Duration timeout;
  private Plan.@Nullable OnFailure onFailure;
  private Plan.@Nullable ForEach forEach;
  private boolean atMostOnce;
  private boolean keepsOutput;
  private @Nullable String connection;
  private boolean replaySafe;

  private PlanSteps(String id, String text) {
    this.id = id;
    this.text = text;
  }

  /** A step that posts a text. */
  public static PlanSteps step(String id, String text) {
    return new PlanSteps(id, text);
  }

  /** A step whose text is nobody's concern. */
  static PlanSteps step(String id) {
    return new PlanSteps(id, id);
  }

  public PlanSteps after(String... ids) {
    after = List.of(ids);
    return this;
  }

  public PlanSteps when(String cel) {
    when = cel;
    return this;
  }

  public PlanSteps branch(String of, int index) {
    branch = new Plan.Branch(of, index);
    return this;
  }

  public PlanSteps handles(String step) {
    handles = step;
    return this;
  }

  public PlanSteps choose(@Nullable String... conditions) {
    choose = Arrays.asList(conditions);
    return this;
  }

  public PlanSteps delay(Duration period) {
    delay = new Plan.Delay(period, null);
    return this;
  }

  public PlanSteps until(String cel) {
    delay = new Plan.Delay(null, cel);
    return this;
  }

  public PlanSteps retry(Plan.Retry own) {
    retry = own;
    return this;
  }

  public PlanSteps timeout(Duration longest) {
    timeout = longest;
    return this;
  }

  public PlanSteps onFailure(Plan.OnFailure meaning) {
    onFailure = meaning;
    return this;
  }

  public PlanSteps forEach(String in, int concurrency) {
    forEach = new Plan.ForEach(in, concurrency);
    return this;
  }

  public PlanSteps atMostOnce() {
    atMostOnce = true;
    return this;
  }

  public PlanSteps keepsOutput() {
    keepsOutput = true;
    return this;
  }

  public PlanSteps connection(String connectionId) {
    connection = connectionId;
    return this;
  }

  public PlanSteps replaySafe() {
    replaySafe = true;
    return this;
  }

  public Plan.Step step() {
    return new Plan.Step(
        id,
        "http",
        "request",
        connection,
        JsonNodeFactory.instance.objectNode().put("text", text),
        List.of(),
        new Plan.Flow(
            after,
            when,
            branch,
            handles,
            choose,
            delay,
            retry,
            timeout,
            onFailure,
            forEach,
            atMostOnce,
            keepsOutput),
        replaySafe);
  }
}
