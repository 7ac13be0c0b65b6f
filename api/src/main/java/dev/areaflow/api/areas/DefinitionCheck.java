package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.areas.Checked.Listening;
import dev.areaflow.api.areas.Definition.ActionUse;
import dev.areaflow.api.areas.Definition.RuleUse;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.http.Violations;
import dev.areaflow.catalog.Action;
import dev.areaflow.catalog.ActionSource;
import dev.areaflow.catalog.InputsValidator;
import dev.areaflow.catalog.PollSource;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.expressions.AreaExpressions;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.InvalidExpressionException;
import dev.areaflow.expressions.Problem;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks definitions against the services' manifests and the language of expressions, and makes
 * them into plans. Everything that is wrong is reported together, each with a JSON pointer into the
 * document. Safe for several threads.
 */
public final class DefinitionCheck {
  private static final int MOST_BYTES = 256 * 1024;

  private final ServiceCatalog catalog;
  private final Expressions expressions;
  private final InputsValidator validator = new InputsValidator();

  public DefinitionCheck(ServiceCatalog catalog, Expressions expressions) {
    this.catalog = catalog;
    this.expressions = expressions;
  }

  /**
   * Checks a document.
   *
   * @param connections what it may name; asked for only where it does
   * @throws dev.areaflow.api.http.Problem 422 with all that is wrong
   */
  Checked check(JsonNode document, Supplier<ConnectionNames> connections) {
    Violations violations = new Violations();
    Definition definition = DefinitionReader.read(document, DefinitionReader.READ_ONLY, violations);
    if (Json.write(definition.toJson()).length > MOST_BYTES) {
      // Before anything in it is looked at, so that what a check may cost is bounded.
      violations.add("", "Expected a definition of at most " + MOST_BYTES + " bytes.").raise();
    }
    Connecting connecting = new Connecting(connections, violations);
    List<Listening> listening = listening(definition, connecting, violations);
    EventTypes types = new EventTypes(expressions, definition, listening);
    AreaExpressions area = types.any();
    if (types.isKnown()) {
      checkCondition("/when", definition.when(), area, violations);
    }
    @Nullable RuleUse rule = definition.rule();
    if (rule != null) {
      checkRule(rule, types, violations);
    }
    StepsCheck.Steps steps =
        new StepsCheck(
                definition,
                catalog,
                validator,
                rule == null ? area : area.ofCollected(),
                connecting,
                violations)
            .check();
    Plan plan =
        new Plan(
            definition.isOfSeveral() ? "" : definition.actions().getFirst().service(),
            definition.isOfSeveral() ? "" : definition.actions().getFirst().action(),
            definition.when(),
            rule == null ? null : rule.plan(),
            rule == null ? null : rule.by(),
            steps.steps(),
            steps.onError(),
            definition.concurrency().queue());
    violations.raise();
    return new Checked(definition, listening, plan);
  }

  /** The actions that there are. */
  private List<Listening> listening(
      Definition definition, Connecting connecting, Violations violations) {
    List<Listening> listening = new ArrayList<>();
    for (int i = 0; i < definition.actions().size(); i++) {
      ActionUse use = definition.actions().get(i);
      String pointer = definition.pointer(i);
      action(use, pointer, violations)
          .ifPresent(
              found -> {
                checkInputs(use, found, pointer, violations);
                checkFirst(use, found, pointer, violations);
                Service service = catalog.service(use.service()).orElseThrow();
                Optional<UUID> connection = connecting.ofAction(service, use, found, pointer);
                if (connection.isPresent()) {
                  checkConnected(use, found, pointer, violations);
                }
                listening.add(new Listening(use, pointer, found, connection));
              });
    }
    return listening;
  }

  private Optional<Action> action(ActionUse use, String pointer, Violations violations) {
    Optional<Service> service =
        Lookup.service(catalog, use.service(), pointer + "/service", violations);
    Optional<Action> action = service.flatMap(found -> found.action(use.action()));
    if (service.isPresent() && action.isEmpty() && !use.action().isEmpty()) {
      violations.add(
          pointer + "/action",
          "The service "
              + use.service()
              + " has no action \""
              + use.action()
              + "\""
              + Nearest.hint(
                  use.action(), service.get().actions().stream().map(Action::id).toList()));
    }
    return action;
  }

  private void checkInputs(ActionUse use, Action action, String pointer, Violations violations) {
    JsonNode inputs = use.inputs();
    if (inputs == null) {
      return;
    }
    add(validator.validate(action, inputs), pointer + "/inputs", violations);
    refuseTemplates(inputs, pointer + "/inputs", violations);
  }

  private static void checkFirst(
      ActionUse use, Action action, String pointer, Violations violations) {
    violations.check(
        use.first() == 0 || (action.source() instanceof PollSource poll && poll.listsWhatIsThere()),
        pointer + "/first",
        "Expected none: the action finds only what comes from now on.");
  }

  /**
   * What the service has to know to deliver to a hook, and to be polled for it, people may leave
   * out where they see to its deliveries.
   */
  private static void checkConnected(
      ActionUse use, Action action, String pointer, Violations violations) {
    JsonNode inputs = use.inputs();
    if (inputs == null) {
      return;
    }
    List<Problem> problems =
        action.subscription().map(way -> way.check(inputs)).orElseGet(List::of);
    if (problems.isEmpty() && action.source() instanceof ActionSource.Both both) {
      problems = both.poll().check(inputs);
    }
    add(problems, pointer + "/inputs", violations);
  }

  /** There is no event yet that an action's inputs could be made of. */
  private static void refuseTemplates(JsonNode node, String pointer, Violations violations) {
    if (node.isTextual()) {
      violations.check(
          !node.textValue().contains("${"),
          pointer,
          "Inputs of an action cannot hold ${…}: there is no event yet.");
    } else if (node.isObject()) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        refuseTemplates(field.getValue(), pointer + "/" + Json.escape(field.getKey()), violations);
      }
    } else {
      for (int i = 0; i < node.size(); i++) {
        refuseTemplates(node.get(i), pointer + "/" + i, violations);
      }
    }
  }

  private static void checkCondition(
      String pointer, @Nullable String cel, AreaExpressions area, Violations violations) {
    if (cel != null) {
      check(pointer, () -> area.condition(cel), violations);
    }
  }

  private static void checkValue(
      String pointer, @Nullable String cel, AreaExpressions area, Violations violations) {
    if (cel != null) {
      check(pointer, () -> area.value(cel), violations);
    }
  }

  private static void check(String pointer, Runnable compiling, Violations violations) {
    try {
      compiling.run();
    } catch (InvalidExpressionException e) {
      add(e.problems(), pointer, violations);
    }
  }

  private static void checkRule(RuleUse rule, EventTypes types, Violations violations) {
    AreaExpressions area = types.any();
    checkValue("/rule/by", rule.by(), area, violations);
    switch (rule.plan()) {
      case RulePlan.Sequence sequence -> {
        for (int i = 0; i < sequence.members().size(); i++) {
          checkMember(
              "/rule/sequence/members/" + i + "/when",
              sequence.members().get(i),
              types,
              violations);
        }
        boolean isText = rule.json().at("/sequence/not").isTextual();
        checkCondition(
            isText ? "/rule/sequence/not" : "/rule/sequence/not/when",
            sequence.not(),
            types.of(sequence.notOf()),
            violations);
      }
      case RulePlan.Absence absence -> {
        checkMember("/rule/absence/after/when", absence.after(), types, violations);
        checkMember("/rule/absence/of/when", absence.of(), types, violations);
      }
      case RulePlan.Change change ->
          checkValue("/rule/change/value", change.value(), area, violations);
      case RulePlan.Deduplicate(var key, var _) ->
          checkValue("/rule/deduplicate/key", key, area, violations);
      case RulePlan.Throttle _, RulePlan.Debounce _, RulePlan.Digest _, RulePlan.Count _ -> {}
    }
  }

  private static void checkMember(
      String pointer, RulePlan.@Nullable Member member, EventTypes types, Violations violations) {
    if (member != null) {
      checkCondition(pointer, member.when(), types.of(member.of()), violations);
    }
  }

  private static void add(List<Problem> problems, String pointer, Violations violations) {
    for (Problem problem : problems) {
      violations.add(pointer + problem.pointer(), problem.detail());
    }
  }
}
