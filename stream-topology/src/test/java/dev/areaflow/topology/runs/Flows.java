package dev.areaflow.topology.runs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.schemas.rows.Plan;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Steps of plans, made up bit by bit. */
final class Flows {
  private final String id;
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

  Flows(String id) {
    this.id = id;
  }

  Flows after(String... ids) {
    after = List.of(ids);
    return this;
  }

  Flows when(String cel) {
    when = cel;
    return this;
  }

  Flows branch(String of, int index) {
    branch = new Plan.Branch(of, index);
    return this;
  }

  Flows handles(String step) {
    handles = step;
    return this;
  }

  Flows choose(String... conditions) {
    choose = List.of(conditions);
    return this;
  }

  Flows delay(Duration period) {
    delay = new Plan.Delay(period, null);
    return this;
  }

  Flows until(String cel) {
    delay = new Plan.Delay(null, cel);
    return this;
  }

  Flows retry(Plan.Retry own) {
    retry = own;
    return this;
  }

  Flows timeout(Duration longest) {
    timeout = longest;
    return this;
  }

  Flows onFailure(Plan.OnFailure meaning) {
    onFailure = meaning;
    return this;
  }

  Flows forEach(String in, int concurrency) {
    forEach = new Plan.ForEach(in, concurrency);
    return this;
  }

  Flows atMostOnce() {
    atMostOnce = true;
    return this;
  }

  Flows keepsOutput() {
    keepsOutput = true;
    return this;
  }

  Flows connection(String connectionId) {
    connection = connectionId;
    return this;
  }

  Plan.Step step() {
    return new Plan.Step(
        id,
        "http",
        "request",
        connection,
        JsonNodeFactory.instance.objectNode(),
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
            keepsOutput));
  }
}
