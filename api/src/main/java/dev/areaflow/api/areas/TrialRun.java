package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.http.Json;
import dev.areaflow.catalog.Reaction;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.expressions.AreaExpressions;
import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.Condition;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.Failure;
import dev.areaflow.expressions.StepResult;
import dev.areaflow.expressions.StepResult.Status;
import dev.areaflow.expressions.StepsRead;
import dev.areaflow.expressions.Template;
import dev.areaflow.expressions.ValueExpression;
import dev.areaflow.schemas.rows.Plan;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A run as it would go if every call succeeded, and answered what the catalog has as a sample. To
 * the handlers of a step that step failed, and to onError the run. To be used once.
 */
final class TrialRun {
  private static final int MOST_ITEMS = 1_000;

  private final Map<String, Plan.Step> steps = new LinkedHashMap<>();
  private final Set<String> ofErrors;
  private final ServiceCatalog catalog;
  private final AreaExpressions area;
  private final Bindings bindings;
  private final Requests requests;
  private final Map<String, Shown> shown = new HashMap<>();

  /** Shows the request of a step. */
  interface Requests {
    /** Adds the request, or why there is none. */
    void add(ObjectNode json, Plan.Step step, JsonNode inputs);
  }

  /**
   * What becomes of a step.
   *
   * @param result what others see of it
   * @param branch that it took, of a choice; -1 for none
   */
  private record Shown(ObjectNode json, StepResult result, int branch) {}

  /**
   * @param area compiles expressions that see what every reaction sees but for the steps
   * @param at when the run begins
   */
  TrialRun(
      Plan plan,
      ServiceCatalog catalog,
      AreaExpressions area,
      Bindings bindings,
      Instant at,
      Requests requests) {
    plan.all().forEach(step -> steps.put(step.id(), step));
    this.ofErrors = Set.copyOf(plan.onError().stream().map(Plan.Step::id).toList());
    this.catalog = catalog;
    this.area = area.ofSteps(steps.keySet());
    this.bindings =
        bindings.withError(
            new Failure(
                plan.steps().getFirst().id(),
                1,
                "permanent",
                500,
                "What went wrong, in words.",
                null,
                at,
                null));
    this.requests = requests;
  }

  /** Each step, in the order of the plan. */
  List<ObjectNode> show() {
    return steps.keySet().stream().map(id -> shown(id).json()).toList();
  }

  private Shown shown(String id) {
    Shown known = shown.get(id);
    if (known == null) {
      known = new Simulation(step(id)).shown();
      shown.put(id, known);
    }
    return known;
  }

  private Plan.Step step(String id) {
    Plan.Step step = steps.get(id);
    if (step == null) {
      throw new IllegalStateException("the plan names " + id + ", which it does not have");
    }
    return step;
  }

  /** The steps whose failure a step is for. */
  private Set<String> handled(Plan.Step step) {
    Set<String> handled = new LinkedHashSet<>();
    Plan.@Nullable Step at = step;
    while (at != null && at.flow() != null) {
      Plan.Flow flow = at.flow();
      if (flow.onFailureOf() != null) {
        handled.add(flow.onFailureOf());
        at = steps.get(flow.onFailureOf());
      } else {
        at = flow.branch() == null ? null : steps.get(flow.branch().of());
      }
    }
    return handled;
  }

  /** One step. */
  private final class Simulation {
    private final Plan.Step step;
    private final Set<String> handled;
    private final AreaExpressions seen;
    private final Set<String> assumed = new LinkedHashSet<>();
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    Simulation(Plan.Step step) {
      this.step = step;
      this.handled = handled(step);
      this.seen = ofErrors.contains(step.id()) ? area.ofErrors() : area;
    }

    Shown shown() {
      json.put("id", step.id());
      Plan.Flow flow = step.flow();
      boolean isChoice = flow != null && flow.choose() != null;
      if (!isChoice) {
        json.put("service", step.service()).put("reaction", step.reaction());
      }
      if (ofErrors.contains(step.id())) {
        json.put("onlyIf", "the run fails");
      } else if (!handled.isEmpty()) {
        json.put("onlyIf", handled.iterator().next() + " fails");
      }
      Shown made = flow == null ? requested(bindings, 1) : shown(flow);
      if (!assumed.isEmpty()) {
        ArrayNode names = json.putArray("assumes");
        assumed.forEach(names::add);
      }
      return made;
    }

    private Shown shown(Plan.Flow flow) {
      Set<String> waitsFor = new LinkedHashSet<>(flow.after());
      if (flow.branch() != null) {
        waitsFor.add(flow.branch().of());
      }
      if (!waitsFor.isEmpty()) {
        ArrayNode names = json.putArray("waitsFor");
        waitsFor.forEach(names::add);
      }
      Optional<String> skipped = skipped(flow);
      if (skipped.isPresent()) {
        return skipped(skipped.get());
      }
      try {
        if (flow.when() != null && !holds(flow.when())) {
          return skipped("Its condition does not hold.");
        }
        if (flow.choose() != null) {
          return chosen(flow.choose());
        }
        if (flow.delay() != null) {
          delay(flow.delay());
        }
        return flow.forEach() == null ? requested(bindings, 1) : items(flow.forEach());
      } catch (EvaluationException e) {
        return failed(String.valueOf(e.getMessage()));
      }
    }

    private Optional<String> skipped(Plan.Flow flow) {
      if (flow.branch() != null) {
        TrialRun.Shown choice = TrialRun.this.shown(flow.branch().of());
        if (choice.branch() != flow.branch().index()) {
          return Optional.of("The choice " + flow.branch().of() + " does not take its branch.");
        }
      }
      if (flow.onFailureOf() != null
          && TrialRun.this.shown(flow.onFailureOf()).result().status() == Status.SKIPPED) {
        return Optional.of(flow.onFailureOf() + " is skipped.");
      }
      if (flow.when() != null) {
        return Optional.empty();
      }
      return flow.after().stream()
          .filter(id -> view(id).status() != Status.SUCCEEDED)
          .findFirst()
          .map(id -> "It waits for " + id + ", which is " + view(id).status().text() + ".");
    }

    private Shown skipped(String reason) {
      json.put("skipped", reason);
      return new Shown(json, StepResult.of(Status.SKIPPED), -1);
    }

    /** Where the sample is to blame, those that come after are shown nevertheless. */
    private Shown failed(String problem) {
      json.put("error", problem);
      return assumed.isEmpty() ? new Shown(json, StepResult.of(Status.FAILED), -1) : succeeded(1);
    }

    /** What this step sees of another. */
    private StepResult view(String id) {
      if (handled.contains(id)) {
        return StepResult.of(Status.FAILED);
      }
      return handled.containsAll(handled(step(id)))
          ? TrialRun.this.shown(id).result()
          : StepResult.of(Status.SKIPPED);
    }

    private Bindings reading(Bindings given, StepsRead read) {
      Map<String, StepResult> results = new HashMap<>();
      for (String id : read.ids()) {
        StepResult result = view(id);
        results.put(id, result);
        boolean isSample =
            result.status() == Status.SUCCEEDED
                && read.outputs().contains(id)
                && !step(id).service().isEmpty();
        if (isSample) {
          assumed.add(id);
        }
      }
      return given.withSteps(results);
    }

    private boolean holds(String cel) {
      Condition condition = seen.condition(cel);
      return condition.matches(reading(bindings, condition.steps()));
    }

    private JsonNode value(ValueExpression expression) {
      return expression.evaluate(reading(bindings, expression.steps()));
    }

    private Shown chosen(List<@Nullable String> conditions) {
      int branch = -1;
      for (int i = 0; i < conditions.size() && branch < 0; i++) {
        String condition = conditions.get(i);
        if (condition == null || holds(condition)) {
          branch = i;
        }
      }
      json.put("branch", branch);
      ObjectNode output = JsonNodeFactory.instance.objectNode().put("branch", branch);
      return new Shown(json, StepResult.succeeded(Json.write(output)), branch);
    }

    private void delay(Plan.Delay delay) {
      if (delay.period() != null) {
        json.put("delay", delay.period().toString());
      } else if (delay.until() != null) {
        json.put("until", value(seen.time(delay.until())).asText());
      }
    }

    private Shown items(Plan.ForEach forEach) {
      JsonNode list = value(seen.list(forEach.in()));
      if (!list.isArray() || list.size() > MOST_ITEMS) {
        throw new EvaluationException(
            "forEach: expected a list of at most %d items, found %s"
                .formatted(MOST_ITEMS, list.isArray() ? list.size() + " items" : "something else"));
      }
      json.put("items", list.size());
      return list.isEmpty()
          ? succeeded(0)
          : requested(bindings.withItem(Json.write(list.get(0)), 0), list.size());
    }

    private Shown requested(Bindings given, int times) {
      boolean isRepeated = step.flow() != null && step.flow().forEach() != null;
      Template template =
          (isRepeated ? seen.ofItems() : seen).template(step.inputs(), step.urlInputs());
      try {
        requests.add(json, step, template.render(reading(given, template.steps())));
      } catch (EvaluationException e) {
        return failed(String.valueOf(e.getMessage()));
      }
      return json.has("error") ? failed(json.path("error").asText()) : succeeded(times);
    }

    private Shown succeeded(int times) {
      JsonNode sample =
          catalog.reaction(step.service(), step.reaction()).map(Reaction::sample).orElseThrow();
      JsonNode output = sample;
      if (step.flow() != null && step.flow().forEach() != null) {
        ArrayNode outputs = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < times; i++) {
          outputs.add(sample);
        }
        output = outputs;
      }
      return new Shown(json, StepResult.succeeded(Json.write(output)), -1);
    }
  }
}
