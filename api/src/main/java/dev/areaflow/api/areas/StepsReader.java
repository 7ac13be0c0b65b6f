package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.areas.StepUse.Branch;
import dev.areaflow.api.areas.StepUse.ChoiceUse;
import dev.areaflow.api.areas.StepUse.Handling;
import dev.areaflow.api.areas.StepUse.ReactionUse;
import dev.areaflow.api.http.Violations;
import dev.areaflow.schemas.rows.Plan;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the reactions and choices of a definition: their shape and bounds, not their meaning. */
final class StepsReader {
  /** Most that an AREA may have, all of them counted. */
  static final int MOST_STEPS = 50;

  private static final int MOST_NESTED = 5;
  private static final int MOST_ATTEMPTS = 20;
  private static final int MOST_AT_A_TIME = 20;
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST_DELAY = Duration.ofDays(31);
  private static final Duration LONGEST_BACKOFF = Duration.ofHours(24);
  private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);
  private static final List<String> RETRYABLE = List.of("retryable");
  private static final List<String> CLASSES = List.of("retryable", "permanent");
  private static final List<String> OF_REACTIONS_ONLY =
      List.of(
          "service",
          "reaction",
          "connection",
          "inputs",
          "delay",
          "retry",
          "timeout",
          "onFailure",
          "forEach",
          "delivery");
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private final Violations violations;
  private final Set<String> given;
  private final Set<String> used = new HashSet<>();
  private int count;

  /**
   * For one definition.
   *
   * @param document in which ids may be given that are not to be made again
   */
  StepsReader(JsonNode document, Violations violations) {
    this.violations = violations;
    this.given = new HashSet<>();
    for (JsonNode id : document.findValues("id")) {
      given.add(id.asText());
    }
  }

  /** The reactions of the AREA; at least one. */
  List<StepUse> reactions(Fields fields) {
    JsonNode array = fields.find("reactions").orElseGet(() -> JsonNodeFactory.instance.arrayNode());
    if (!array.isArray() || array.isEmpty() || array.size() > MOST_STEPS) {
      violations.add("/reactions", "Expected an array of 1 to " + MOST_STEPS + " reactions.");
      return List.of();
    }
    return steps(array, "/reactions", 0);
  }

  /** What is done when a run of the AREA has failed; mostly nothing. */
  List<StepUse> onError(Fields fields) {
    Optional<JsonNode> array = fields.find("onError");
    if (array.isEmpty()) {
      return List.of();
    }
    return nested(array.get(), "/onError", 0, 1);
  }

  /** Notes that there are too many altogether. To be called when all is read. */
  void checkCount() {
    violations.check(
        count <= MOST_STEPS,
        "/reactions",
        "An AREA may have at most "
            + MOST_STEPS
            + " steps; with its choices and the reactions in them, for failures and in onError,"
            + " this one has "
            + count
            + ". Make several AREAs of it.");
  }

  private List<StepUse> nested(JsonNode array, String pointer, int depth, int least) {
    if (!array.isArray() || array.size() < least || array.size() > MOST_STEPS) {
      violations.add(
          pointer, "Expected an array of " + least + " to " + MOST_STEPS + " reactions.");
      return List.of();
    }
    if (depth > MOST_NESTED) {
      violations.add(
          pointer,
          "Reactions stand at most "
              + MOST_NESTED
              + " deep in choose and onFailure.run; let later ones use"
              + " steps.ID.status in their when instead.");
      return List.of();
    }
    return steps(array, pointer, depth);
  }

  private List<StepUse> steps(JsonNode array, String pointer, int depth) {
    List<StepUse> steps = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      Fields fields = new Fields(array.get(i), pointer + "/" + i, violations);
      String id = id(fields);
      boolean isChoice = fields.find("choose").isPresent();
      steps.add(
          isChoice
              ? choice(id, array.get(i), fields, depth)
              : reaction(id, array.get(i), fields, depth));
    }
    return steps;
  }

  private String id(Fields fields) {
    count++;
    if (fields.find("id").isEmpty()) {
      String id = "r" + count;
      while (given.contains(id)) {
        id += "_";
      }
      given.add(id);
      return id;
    }
    String id = fields.text("id").orElse("");
    if (fields.text("id").isPresent()) {
      violations.check(
          ID.matcher(id).matches(),
          fields.pointer("id"),
          "Expected 1 to 64 letters, digits, hyphens or underscores.");
      violations.check(used.add(id), fields.pointer("id"), "Another reaction has this id already.");
    }
    return id;
  }

  private ChoiceUse choice(String id, JsonNode written, Fields fields, int depth) {
    @Nullable String when = fields.text("when").orElse(null);
    for (String name : OF_REACTIONS_ONLY) {
      violations.check(
          fields.find(name).isEmpty(),
          fields.pointer(name),
          "A choice has none; write it at the reactions in its branches.");
    }
    List<Branch> branches = new ArrayList<>();
    JsonNode array = written.path("choose");
    String pointer = fields.pointer("choose");
    if (!array.isArray() || array.isEmpty() || array.size() > MOST_STEPS) {
      violations.add(pointer, "Expected an array of 1 to " + MOST_STEPS + " branches.");
    } else {
      for (int i = 0; i < array.size(); i++) {
        branches.add(branch(array.get(i), pointer + "/" + i, i == array.size() - 1, depth));
      }
    }
    fields.refuseOthers(Set.of());
    return new ChoiceUse(id, fields.pointer(), when, branches);
  }

  private Branch branch(JsonNode node, String pointer, boolean last, int depth) {
    Fields fields = new Fields(node, pointer, violations);
    @Nullable String when = fields.text("when").orElse(null);
    violations.check(
        last || when != null,
        fields.pointer("when"),
        "Expected CEL: only the last branch may have none, since what follows it is never chosen.");
    Optional<JsonNode> array = fields.find("reactions");
    violations.check(
        array.isPresent(), fields.pointer("reactions"), "Expected an array, found nothing.");
    List<StepUse> reactions =
        array
            .map(found -> nested(found, fields.pointer("reactions"), depth + 1, 0))
            .orElse(List.of());
    fields.refuseOthers(Set.of());
    return new Branch(when, reactions);
  }

  private ReactionUse reaction(String id, JsonNode written, Fields fields, int depth) {
    String service = fields.requiredText("service");
    String reaction = fields.requiredText("reaction");
    JsonNode inputs =
        fields.object("inputs").orElseGet(() -> JsonNodeFactory.instance.objectNode());
    @Nullable String connection = fields.text("connection").orElse(null);
    Handling handling = handling(written, fields, depth);
    fields.refuseOthers(Set.of());
    return new ReactionUse(id, fields.pointer(), service, reaction, connection, inputs, handling);
  }

  private Handling handling(JsonNode written, Fields fields, int depth) {
    @Nullable String when = fields.text("when").orElse(null);
    Plan.@Nullable Delay delay =
        fields.find("delay").map(node -> delay(node, fields.pointer("delay"))).orElse(null);
    Plan.@Nullable Retry retry =
        fields.find("retry").map(node -> retry(node, fields.pointer("retry"))).orElse(null);
    @Nullable Duration timeout =
        fields.find("timeout").isPresent()
            ? duration(fields, "timeout", LONGEST_TIMEOUT, "PT30S")
            : null;
    List<StepUse> handlers =
        fields
            .find("onFailure")
            .filter(JsonNode::isObject)
            .map(node -> handlers(node, fields.pointer("onFailure"), depth))
            .orElse(List.of());
    Plan.@Nullable OnFailure onFailure = onFailure(fields);
    Plan.@Nullable ForEach forEach =
        fields.find("forEach").map(node -> forEach(node, fields.pointer("forEach"))).orElse(null);
    String delivery = fields.text("delivery").orElse("atLeastOnce");
    violations.check(
        Set.of("atLeastOnce", "atMostOnce").contains(delivery),
        fields.pointer("delivery"),
        "Expected \"atLeastOnce\" or \"atMostOnce\".");
    return new Handling(
        when,
        delay,
        retry,
        timeout,
        onFailure,
        handlers,
        forEach,
        delivery.equals("atMostOnce"),
        said(written));
  }

  /** What the document says of a reaction's handling, but for its handlers. */
  private static ObjectNode said(JsonNode written) {
    ObjectNode said = JsonNodeFactory.instance.objectNode();
    for (String name :
        List.of("when", "delay", "retry", "timeout", "onFailure", "forEach", "delivery")) {
      JsonNode value = written.path(name);
      boolean isHandlers = name.equals("onFailure") && value.isObject();
      if (!value.isMissingNode() && !value.isNull() && !isHandlers) {
        said.set(name, value);
      }
    }
    return said;
  }

  private Plan.Delay delay(JsonNode node, String pointer) {
    if (!node.isObject()) {
      return new Plan.Delay(
          duration(node.isTextual() ? node.textValue() : "", pointer, LONGEST_DELAY, "PT5M"), null);
    }
    Fields fields = new Fields(node, pointer, violations);
    String until = fields.requiredText("until");
    violations.check(
        !isTime(until),
        fields.pointer("until"),
        "Expected CEL; a time stands in quotes within it: \"'" + until + "'\".");
    fields.refuseOthers(Set.of());
    return new Plan.Delay(null, until);
  }

  private static boolean isTime(String text) {
    try {
      Instant _ = OffsetDateTime.parse(text).toInstant();
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private Plan.Retry retry(JsonNode node, String pointer) {
    Fields fields = new Fields(node, pointer, violations);
    @Nullable Integer attempts =
        fields.find("attempts").isPresent() ? fields.number("attempts", 1, MOST_ATTEMPTS) : null;
    @Nullable Duration backoff =
        fields.find("backoff").isPresent()
            ? duration(fields, "backoff", LONGEST_BACKOFF, "PT10S")
            : null;
    List<String> on = fields.find("on").map(of -> classes(of, fields)).orElse(RETRYABLE);
    fields.refuseOthers(Set.of());
    return new Plan.Retry(attempts, backoff, on);
  }

  private List<String> classes(JsonNode node, Fields fields) {
    List<String> classes = new ArrayList<>();
    boolean fits = node.isArray() && !node.isEmpty();
    for (JsonNode each : node) {
      fits &=
          each.isTextual() && CLASSES.contains(each.asText()) && !classes.contains(each.asText());
      classes.add(each.asText());
    }
    violations.check(
        fits,
        fields.pointer("on"),
        "Expected \"retryable\", \"permanent\" or both; for no second call write attempts: 1.");
    return fits ? classes : RETRYABLE;
  }

  private Plan.@Nullable OnFailure onFailure(Fields fields) {
    Optional<JsonNode> node = fields.find("onFailure");
    if (node.isEmpty()) {
      return null;
    }
    if (node.get().isObject()) {
      return Plan.OnFailure.RUN;
    }
    return switch (node.get().asText()) {
      case "stop" -> null;
      case "continue" -> Plan.OnFailure.CONTINUE;
      default -> {
        violations.add(
            fields.pointer("onFailure"),
            "Expected \"stop\", \"continue\" or {\"run\": [reactions]}.");
        yield null;
      }
    };
  }

  private List<StepUse> handlers(JsonNode node, String pointer, int depth) {
    Fields fields = new Fields(node, pointer, violations);
    Optional<JsonNode> run = fields.find("run");
    violations.check(
        run.isPresent(), fields.pointer("run"), "Expected an array of reactions, found nothing.");
    List<StepUse> handlers =
        run.map(array -> nested(array, fields.pointer("run"), depth + 1, 1)).orElse(List.of());
    fields.refuseOthers(Set.of());
    return handlers;
  }

  private Plan.ForEach forEach(JsonNode node, String pointer) {
    Fields fields = new Fields(node, pointer, violations);
    String in = fields.requiredText("in");
    int concurrency =
        fields.find("concurrency").isPresent()
            ? fields.number("concurrency", 1, MOST_AT_A_TIME)
            : 1;
    fields.refuseOthers(Set.of());
    return new Plan.ForEach(in, concurrency);
  }

  private Duration duration(Fields fields, String name, Duration longest, String example) {
    JsonNode node = fields.find(name).orElseGet(() -> JsonNodeFactory.instance.nullNode());
    return duration(
        node.isTextual() ? node.textValue() : "", fields.pointer(name), longest, example);
  }

  private Duration duration(String text, String pointer, Duration longest, String example) {
    try {
      Duration duration = Duration.parse(text);
      if (duration.compareTo(SHORTEST) >= 0 && duration.compareTo(longest) <= 0) {
        return duration;
      }
    } catch (DateTimeException e) {
      // told below, as one that is too short or too long is
    }
    String most = longest.equals(LONGEST_DELAY) ? "P31D" : longest.toString();
    violations.add(
        pointer,
        "Expected an ISO 8601 duration from PT1S to "
            + most
            + ", such as "
            + example
            + (text.isEmpty() ? "." : ", found \"" + text + "\"."));
    return SHORTEST;
  }
}
