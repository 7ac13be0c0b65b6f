package dev.areaflow.topology;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.schemas.rows.Plan;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Steps of plans, made up bit by bit. */
final class PlanSteps {
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
  static PlanSteps step(String id, String text) {
    return new PlanSteps(id, text);
  }

  PlanSteps after(String... ids) {
    after = List.of(ids);
    return this;
  }

  PlanSteps when(String cel) {
    when = cel;
    return this;
  }

  PlanSteps branch(String of, int index) {
    branch = new Plan.Branch(of, index);
    return this;
  }

  PlanSteps handles(String step) {
    handles = step;
    return this;
  }

  PlanSteps choose(@Nullable String... conditions) {
    choose = Arrays.asList(conditions);
    return this;
  }

  PlanSteps delay(Duration period) {
    delay = new Plan.Delay(period, null);
    return this;
  }

  PlanSteps until(String cel) {
    delay = new Plan.Delay(null, cel);
    return this;
  }

  PlanSteps retry(Plan.Retry own) {
    retry = own;
    return this;
  }

  PlanSteps timeout(Duration longest) {
    timeout = longest;
    return this;
  }

  PlanSteps onFailure(Plan.OnFailure meaning) {
    onFailure = meaning;
    return this;
  }

  PlanSteps forEach(String in, int concurrency) {
    forEach = new Plan.ForEach(in, concurrency);
    return this;
  }

  PlanSteps atMostOnce() {
    atMostOnce = true;
    return this;
  }

  PlanSteps keepsOutput() {
    keepsOutput = true;
    return this;
  }

  PlanSteps connection(String connectionId) {
    connection = connectionId;
    return this;
  }

  PlanSteps replaySafe() {
    replaySafe = true;
    return this;
  }

  Plan.Step step() {
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
