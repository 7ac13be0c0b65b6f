package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.areas.PlacedStep.Container;
import dev.areaflow.api.areas.StepUse.ChoiceUse;
import dev.areaflow.api.areas.StepUse.Handling;
import dev.areaflow.api.areas.StepUse.ReactionUse;
import dev.areaflow.api.http.Violations;
import dev.areaflow.catalog.InputsValidator;
import dev.areaflow.catalog.Reaction;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.expressions.AreaExpressions;
import dev.areaflow.expressions.InvalidExpressionException;
import dev.areaflow.expressions.Problem;
import dev.areaflow.expressions.StepsRead;
import dev.areaflow.schemas.rows.Plan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Checks the reactions and choices of one definition, and makes steps of them. */
final class StepsCheck {
  private static final JsonNode OUTPUT_OF_CHOICE = outputOfChoice();

  /** Of a step that begins with the run and is handled as usual. */
  private static final Plan.Flow PLAIN =
      new Plan.Flow(List.of(), null, null, null, null, null, null, null, null, null, false, false);

  private final ServiceCatalog catalog;
  private final InputsValidator validator;
  private final Connecting connecting;
  private final Violations violations;
  private final List<PlacedStep> all;
  private final AreaExpressions expressions;

  /** Ids of the steps that a step reads, by its id. */
  private final Map<String, Set<String>> reads = new HashMap<>();

  private final Set<String> outputsRead = new HashSet<>();
  private final List<Reading> readings = new ArrayList<>();

  /** That an expression reads a step. */
  private record Reading(PlacedStep by, String pointer, String read) {}

  /**
   * What a step calls.
   *
   * @param connection null where it needs none, or there is none of the name, which is noted
   */
  private record Called(Reaction reaction, @Nullable UUID connection) {}

  /** What the steps of a definition become. */
  record Steps(List<Plan.Step> steps, List<Plan.Step> onError) {}

  /**
   * @param area compiles expressions that see what every reaction sees
   */
  StepsCheck(
      Definition definition,
      ServiceCatalog catalog,
      InputsValidator validator,
      AreaExpressions area,
      Connecting connecting,
      Violations violations) {
    this.catalog = catalog;
    this.validator = validator;
    this.connecting = connecting;
    this.violations = violations;
    this.all = PlacedStep.all(definition);
    this.expressions = area.ofSteps(outputs());
  }

  private Map<String, JsonNode> outputs() {
    Map<String, JsonNode> outputs = new LinkedHashMap<>();
    all.forEach(step -> outputs.putIfAbsent(step.id(), output(step.use())));
    return outputs;
  }

  private JsonNode output(StepUse use) {
    return switch (use) {
      case ChoiceUse _ -> OUTPUT_OF_CHOICE;
      case ReactionUse(_, _, var service, var reaction, _, _, var handling) ->
          handling.forEach() == null
              ? catalog
                  .reaction(service, reaction)
                  .map(Reaction::output)
                  .orElse(BooleanNode.getTrue())
              : BooleanNode.getTrue();
    };
  }

  private static JsonNode outputOfChoice() {
    var schema = JsonNodeFactory.instance.objectNode().put("type", "object");
    schema.putObject("properties").putObject("branch").put("type", "integer");
    return schema;
  }

  /** Checks them; where violations are noted, some are missing. */
  Steps check() {
    Map<PlacedStep, Called> called = new HashMap<>();
    for (PlacedStep step : all) {
      AreaExpressions seen = step.ofErrors() ? expressions.ofErrors() : expressions;
      conditions(step, seen);
      if (step.use() instanceof ReactionUse use) {
        Optional<Service> service =
            Lookup.service(catalog, use.service(), use.pointer() + "/service", violations);
        Optional<Reaction> reaction = service.flatMap(of -> reaction(use, of));
        reaction.ifPresent(of -> inputs(step, use, of, seen));
        reaction.ifPresent(
            of ->
                called.put(
                    step, new Called(of, connection(use, service.orElseThrow()).orElse(null))));
      }
    }
    StepOrder order = new StepOrder(all, reads, violations);
    readings.forEach(reading -> refuseImpossible(reading, order));
    order.check();
    return plan(called, order);
  }

  private Optional<UUID> connection(ReactionUse use, Service service) {
    return connecting.of(service, use.connection(), service.auth().isNeeded(), use.pointer());
  }

  private void refuseImpossible(Reading reading, StepOrder order) {
    order
        .objection(reading.by(), reading.read())
        .ifPresent(
            why ->
                violations.add(
                    reading.pointer(),
                    "It uses steps." + reading.read() + ", but that " + why + "."));
  }

  private Optional<Reaction> reaction(ReactionUse use, Service service) {
    Optional<Reaction> reaction = service.reaction(use.reaction());
    if (reaction.isEmpty() && !use.reaction().isEmpty()) {
      violations.add(
          use.pointer() + "/reaction",
          "The service "
              + use.service()
              + " has no reaction \""
              + use.reaction()
              + "\""
              + Nearest.hint(
                  use.reaction(), service.reactions().stream().map(Reaction::id).toList()));
    }
    return reaction;
  }

  private void conditions(PlacedStep step, AreaExpressions seen) {
    StepUse use = step.use();
    condition(step, use.pointer() + "/when", use.when(), seen);
    switch (use) {
      case ChoiceUse choice -> {
        for (int i = 0; i < choice.branches().size(); i++) {
          String pointer = use.pointer() + "/choose/" + i + "/when";
          condition(step, pointer, choice.branches().get(i).when(), seen);
        }
      }
      case ReactionUse reaction -> {
        Handling handling = reaction.handling();
        if (handling.delay() != null && handling.delay().until() != null) {
          String until = handling.delay().until();
          read(step, use.pointer() + "/delay/until", () -> seen.time(until).steps());
        }
        if (handling.forEach() != null) {
          String in = handling.forEach().in();
          read(step, use.pointer() + "/forEach/in", () -> seen.list(in).steps());
        }
      }
    }
  }

  private void condition(
      PlacedStep step, String pointer, @Nullable String cel, AreaExpressions seen) {
    if (cel != null) {
      read(step, pointer, () -> seen.condition(cel).steps());
    }
  }

  private void inputs(PlacedStep step, ReactionUse use, Reaction reaction, AreaExpressions seen) {
    String pointer = use.pointer() + "/inputs";
    add(validator.validate(reaction, use.inputs()), pointer);
    AreaExpressions inInputs = use.handling().forEach() == null ? seen : seen.ofItems();
    read(step, pointer, () -> inInputs.template(use.inputs(), reaction.urlInputs()).steps());
  }

  private void read(PlacedStep step, String pointer, Supplier<StepsRead> compiling) {
    try {
      StepsRead read = compiling.get();
      reads.computeIfAbsent(step.id(), _ -> new LinkedHashSet<>()).addAll(read.ids());
      outputsRead.addAll(read.outputs());
      read.ids().forEach(id -> readings.add(new Reading(step, pointer, id)));
    } catch (InvalidExpressionException e) {
      add(e.problems(), pointer);
    }
  }

  private void add(List<Problem> problems, String pointer) {
    problems.forEach(problem -> violations.add(pointer + problem.pointer(), problem.detail()));
  }

  private Steps plan(Map<PlacedStep, Called> called, StepOrder order) {
    List<Plan.Step> steps = new ArrayList<>();
    List<Plan.Step> onError = new ArrayList<>();
    for (PlacedStep step : all) {
      List<Plan.Step> planned = step.ofErrors() ? onError : steps;
      Plan.@Nullable Flow flow = flow(step, order);
      Called call = called.get(step);
      if (step.use() instanceof ReactionUse use && call != null) {
        planned.add(
            new Plan.Step(
                use.id(),
                use.service(),
                use.reaction(),
                call.connection() == null ? null : call.connection().toString(),
                use.inputs(),
                call.reaction().urlInputs(),
                flow,
                call.reaction().replaySafe()));
      } else if (step.use() instanceof ChoiceUse choice) {
        planned.add(
            new Plan.Step(
                choice.id(), "", "", null, JsonNodeFactory.instance.objectNode(), List.of(), flow));
      }
    }
    return new Steps(steps, onError);
  }

  private Plan.@Nullable Flow flow(PlacedStep step, StepOrder order) {
    Plan.@Nullable Branch branch =
        step.container() instanceof Container.InBranch(String of, int index)
            ? new Plan.Branch(of, index)
            : null;
    @Nullable String handled =
        step.container() instanceof Container.OnFailureOf(String id) ? id : null;
    boolean keepsOutput = outputsRead.contains(step.id());
    List<String> after = order.after(step);
    Plan.Flow flow =
        switch (step.use()) {
          case ChoiceUse(_, _, var when, var branches) ->
              new Plan.Flow(
                  after,
                  when,
                  branch,
                  handled,
                  branches.stream().map(StepUse.Branch::when).toList(),
                  null,
                  null,
                  null,
                  null,
                  null,
                  false,
                  keepsOutput);
          case ReactionUse use ->
              new Plan.Flow(
                  after,
                  use.when(),
                  branch,
                  handled,
                  null,
                  use.handling().delay(),
                  use.handling().retry(),
                  use.handling().timeout(),
                  use.handling().onFailure(),
                  use.handling().forEach(),
                  use.handling().atMostOnce(),
                  keepsOutput);
        };
    return flow.equals(PLAIN) ? null : flow;
  }
}
